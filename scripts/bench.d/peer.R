# SPDX-License-Identifier: BSD-3-Clause
# A peer written in R, one job; the same arguments, files and clock as peer.py:
#   Rscript peer.R LIBRARY DATA GRID OUT tol=1e-7 route=naive fits=0,refit|cv folds=10 processes=2
arguments <- commandArgs(trailingOnly = TRUE)
library_name <- arguments[1]
prefix <- arguments[2]
out <- arguments[4]
option <- do.call(rbind, strsplit(arguments[-(1:4)], "="))
option <- setNames(as.list(option[, 2]), option[, 1])
tol <- as.numeric(option$tol)
folds <- as.integer(option$folds)
suppressPackageStartupMessages(library(library_name, character.only = TRUE))

read_all <- function(path) readBin(path, "double", file.size(path) / 8, endian = "little")
alphas <- read_all(arguments[3])
reading <- proc.time()[["elapsed"]]
y <- read_all(paste0(prefix, ".y"))
n <- length(y)
x <- read_all(paste0(prefix, ".x"))
p <- length(x) / n
dim(x) <- c(n, p)
holed <- which(is.na(colSums(x))) # features with missing values, known from reading
reading <- proc.time()[["elapsed"]] - reading

fill <- function(x, mean) {
  for (k in seq_along(holed)) {
    hole <- is.na(x[, holed[k]])
    x[hole, holed[k]] <- mean[k]
  }
  x
}

path_glmnet <- function(x, y) {
  glmnet.control(fdev = 0, devmax = 1)
  fit <- glmnet(x, y, lambda = alphas, standardize = TRUE, thresh = tol, maxit = 1e9,
                type.gaussian = if (option$route == "gram") "covariance" else "naive")
  if (fit$jerr != 0 || length(fit$lambda) != length(alphas))
    stop("glmnet ended its path early, jerr ", fit$jerr)
  list(b = fit$beta, intercept = unname(fit$a0))
}

path_biglasso <- function(x, y) {
  fit <- biglasso(bigmemory::as.big.matrix(x), y, lambda = alphas, eps = tol, max.iter = 1e9,
                  ncores = 1, warn = FALSE)
  if (length(fit$lambda) != length(alphas))
    stop("biglasso ended its path after ", length(fit$lambda), " alphas")
  list(b = methods::as(fit$beta[-1, ], "CsparseMatrix"), intercept = unname(fit$beta[1, ]))
}

fit_path <- function(fit) {
  before <- sum(proc.time()[c("user.self", "sys.self")])
  began <- proc.time()[["elapsed"]]
  held <- if (fit == "refit") integer(0) else which((seq_len(n) - 1) %% folds == as.integer(fit))
  xk <- if (length(held)) x[-held, , drop = FALSE] else x
  yk <- if (length(held)) y[-held] else y
  mean <- if (length(holed)) colMeans(xk[, holed, drop = FALSE], na.rm = TRUE)
  if (length(holed)) xk <- fill(xk, mean)
  path <- get(paste0("path_", library_name))(xk, yk)
  errors <- NULL
  if (length(held)) {
    xh <- x[held, , drop = FALSE]
    if (length(holed)) xh <- fill(xh, mean)
    fitted <- as.matrix(xh %*% path$b) + rep(path$intercept, each = length(held))
    errors <- colMeans((y[held] - fitted)^2)
  }
  c(path, list(errors = errors, seconds = proc.time()[["elapsed"]] - began,
               cpu = sum(proc.time()[c("user.self", "sys.self")]) - before))
}

whole <- option$fits == "cv"
fits <- if (whole) c("refit", seq_len(folds) - 1) else strsplit(option$fits, ",")[[1]]
began <- proc.time()[["elapsed"]]
if (whole) {
  # each as a process of its own when one is free: the longest, the refit, first
  results <- parallel::mclapply(fits, fit_path, mc.cores = as.integer(option$processes),
                                mc.preschedule = FALSE)
  index_min <- which.min(Reduce(`+`, lapply(results[-1], function(r) r$errors))) - 1
} else {
  results <- lapply(fits, fit_path)
}
seconds <- proc.time()[["elapsed"]] - began
for (r in results) if (inherits(r, "try-error")) stop(r)

cpu <- 0
facts <- c(seconds_reading = reading, seconds = seconds)
if (whole) facts["index_min"] <- index_min
for (k in seq_along(fits)) {
  r <- results[[k]]
  writeBin(as.double(c(length(alphas), length(r$b@x), r$b@p, r$intercept, r$b@i, r$b@x)),
           paste0(out, ".", fits[k], ".path"), endian = "little")
  facts[paste0("seconds_", fits[k])] <- r$seconds
  facts[paste0("cpu_seconds_", fits[k])] <- r$cpu
  cpu <- cpu + r$cpu
}
facts["cpu_seconds"] <- cpu
writeLines(paste(names(facts), formatC(facts, digits = 15, format = "g", width = 1)), paste0(out, ".facts"))
