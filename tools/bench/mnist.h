/* tools/bench/mnist.h - the part of `bench train` that takes the networks for
 * MNIST. */
#ifndef EBB_TOOLS_BENCH_MNIST_H
#define EBB_TOOLS_BENCH_MNIST_H

#include "tools/bench/bench.h"

/** A step of experiments/mnist_mlp.yaml and mnist_conv.yaml on drawn images
 *  against bare oneDNN primitives of the same shapes. Errors: those of reading
 *  the experiments; EBB_ERR_ARG without oneDNN. */
EBB_NODISCARD ebb_status ebb_bench_train_mnist(struct ebb_bench *bench);

#endif
