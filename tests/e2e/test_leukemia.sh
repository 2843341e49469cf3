#!/usr/bin/env bash
# Real expression data, once as AnnData and once as text with genes in rows and a sample sheet: the
# same dataset and the same curve, byte for byte.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
data=${RIATA_SHARED_DATA:-}
[ -f "$data/leukemia.h5ad" ] || skip 'RIATA_SHARED_DATA names no leukemia data'

expect_done "$RIATA" import "$data/leukemia.h5ad" --response aml -o anndata.h5
expect_text '72 samples, 7129 features' err.txt
expect_done "$RIATA" import "$data/leukemia.genes_by_samples.tsv.gz" --transpose \
  --samples "$data/leukemia.samples.tsv" --response aml -o text.h5
expect_text '72 samples were found' err.txt
cmp anndata.h5 text.h5 || wrong 'the datasets differ'
for name in anndata text; do
  expect_done "$RIATA" cv "$name.h5" --folds 10 --fold-scheme modulo -o "out/$name"
done
cmp out/anndata.curve.tsv out/text.curve.tsv || wrong 'the curves differ'
expect_error 1 'features in rows.*--transpose' \
  "$RIATA" import "$data/leukemia.genes_by_samples.tsv.gz" --response aml -o wrong.h5
expect_done "$RIATA" import "$data/leukemia.h5ad" --response class -o class.h5
expect_error 1 "class.*is text.*binomial" "$RIATA" cv class.h5 -o out/class
finish
