#!/usr/bin/env bash
# 15 kills at random moments; `ctest -L soak` does 200.
exec bash "$(dirname "$0")/kills.sh" 15
