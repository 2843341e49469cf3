/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the kernel room: the tables that select.c chooses from besides ri_kernel_plain. */
#ifndef RI_KERNEL_TABLES_H
#define RI_KERNEL_TABLES_H

#include "kernel/kernel.h"

/* The table of an instruction set, or NULL where the compiler's target has none. Whether the
 * processor can run it is for the caller to know. */
const ri_kernel *ri_kernel_avx2(void);
const ri_kernel *ri_kernel_avx512(void);

#endif
