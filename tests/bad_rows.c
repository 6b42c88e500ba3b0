/* tests/bad_rows.c - text files and command lines that are wrong. */
#include "tests/bad_rows.h"

#define SPACES "                                        "

/* 80 bytes of header, and some more for the cells. */
#define NPY(length, header) "\x93NUMPY\x01\0" length "\0" header SPACES SPACES

#define HEADER(descr, order, shape)                                            \
    "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }"

#define EXPERIMENT(networks, data)                                             \
    "network:\n"                                                               \
    "  kernel: {shape: exponential, tau: 4}\n"                                 \
    "  populations:\n"                                                         \
    "    - {name: input, size: 3, input: true}\n"                              \
    "    - {name: hidden, size: 4}\n"                                          \
    "    - {name: output, size: 2}\n" networks "data: {" data "}\n"            \
    "training: {epochs: 1, batch: 2, loss: {kind: rate}}\n"

#define TEXT(name, text, size, command, ...)                                   \
    {                                                                          \
        name, text, size,                                                      \
        {                                                                      \
            command,                                                           \
            {                                                                  \
                name, __VA_ARGS__                                              \
            }                                                                  \
        }                                                                      \
    }
#define CSV(text, ...)                                                         \
    TEXT("bad.csv", text, 0, "run t/best.net.h5 bad.csv -o kept.csv",          \
         __VA_ARGS__)
#define ARRAY(length, header, ...)                                             \
    TEXT("bad.npy", NPY(length, header), sizeof(NPY(length, header)) - 1,      \
         "convert bad.npy kept.csv", __VA_ARGS__)
#define YAML(networks, data, ...)                                              \
    TEXT("bad.yaml", EXPERIMENT(networks, data), 0,                            \
         "train bad.yaml -o bad_run", __VA_ARGS__)
#define GOOD_DATA "dataset: tiny.data.h5"

const struct bad_row_text bad_row_texts[] = {
    CSV("tick,node\n3,2\n3,x\n", "bad.csv:3: '3,x'", "tick,node,value"),
    CSV("-1,2\n", "bad.csv:1: '-1,2'"),
    CSV("1,2,nan\n", "bad.csv:1: '1,2,nan'"),
    CSV("1,2,3,4\n", "bad.csv:1: '1,2,3,4'"),
    CSV("99999999999999999999,1\n", "bad.csv:1: '9999"),
    CSV("1,4294967296\n", "bad.csv:1: '1,4294967296'"),
    CSV("0,1\n3,3\n", "3 channels"),
    {"bad.csv",
     "1,2\0,3\n",
     7,
     {"run t/best.net.h5 bad.csv -o kept.csv", {"bad.csv:1: '1,2'"}}},
    {"bad.net.h5",
     "no HDF5 at all\n",
     0,
     {"run bad.net.h5 in.csv -o kept.csv", {"'bad.net.h5' is no HDF5 file"}}},
    {"bad.txt.gz", "\x1f\x8b", 0, {"info bad.txt.gz", {"nothing that ebb"}}},
    {"bad.npy", "\x93NUMPY", 0, {"convert bad.npy kept.csv", {"no .npy file"}}},
    {"bad.npy", "not numpy", 0, {"convert bad.npy kept.csv", {"no .npy file"}}},
    {"bad.npy",
     "\x93NUMPY\x09\0\x10\0{}",
     12,
     {"convert bad.npy kept.csv", {"bad.npy", "header"}}},
    ARRAY("\xff", "{'descr'", "cut short"),
    ARRAY("\x50", "{}", "makes no sense"),
    ARRAY("\x50", HEADER("|u1", "True", "(1, 2, 3)"), "ascontiguousarray"),
    ARRAY("\x50", HEADER("<f8", "False", "(1, 2, 3)"), "numpy.uint8"),
    ARRAY("\x50", HEADER("|u1", "False", "(2, 3)"), "[pattern, train, tick]"),
    ARRAY("\x50", HEADER("|u1", "False", "(1, 9, 99)"), "the 891 cells"),
    ARRAY("\x50", HEADER("|u1", "False", "(0, 2, 3)"), "[0, 2, 3]"),
    ARRAY("\x50", HEADER("|u1", "False", "(1, 2, -3)"), "[pattern"),
    ARRAY("\x50", HEADER("|u1", "False", "(1, 99999, 999999)"), "999999"),
    ARRAY("\x50", HEADER("|u1", "False", "(1, 2, 3)"), "[0, 0, 0] is 32"),
    YAML("  projections:\n"
         "    - {from: input, to: hidden}\n"
         "    - {from: hidden, to: output}\n"
         "    - {from: output, to: hidden}\n",
         GOOD_DATA, "cycle without delay", "delay"),
    YAML("  projections: [{from: input, to: hiden}]\n", GOOD_DATA, "bad.yaml:7",
         "did you mean 'hidden'"),
    YAML("  projections: [{from: hidden, to: input}]\n", GOOD_DATA,
         "bad.yaml:7", "input"),
    YAML("  projections:\n    - {from: input, to: output, name: a}\n"
         "    - {from: hidden, to: output, name: a}\n",
         GOOD_DATA, "bad.yaml:9", "'a'"),
    YAML("  tick: 0\n", GOOD_DATA, "bad.yaml:7", "tick"),
    YAML("  tick: 1 h\n", GOOD_DATA, "bad.yaml:7", "unit"),
    YAML("  neurons: {v_th: 1, reset: hybrid, v_reset: 2}\n", GOOD_DATA,
         "v_reset = 2", "not below"),
    YAML("", "dataset: nothing.h5", "nothing.h5", "No such file"),
    YAML("", "dataset: t/best.net.h5", "best.net.h5", "a data set"),
    YAML("", "patterns: tiny.data.h5", "tiny.data.h5", "'patterns' is missing"),
    YAML("", "datset: tiny.data.h5", "did you mean 'dataset'"),
    YAML("", "patterns: p.h5", "3 input channels", "to 40"),
    {"bad.yaml", "", 0, {"train bad.yaml -o bad_run", {"bad.yaml"}}},
    {"bad.yaml",
     "network: [\n",
     0,
     {"train bad.yaml -o bad_run", {"bad.yaml:1"}}},
    {"bad.yaml",
     "a: &a [*a, *a]\n",
     0,
     {"train bad.yaml -o bad_run", {"bad.yaml"}}},
    {"bad.yaml",
     "\xff\xfe\0\0",
     4,
     {"train bad.yaml -o bad_run", {"bad.yaml"}}},
    {"bad/curve.jsonl",
     "{\"epoch\": }\n",
     0,
     {"plot curve bad -o kept.png", {"bad: line 1", "no learning curve"}}},
};

const size_t bad_row_texts_n = sizeof(bad_row_texts) / sizeof(bad_row_texts[0]);

#define RUN_TINY "run t/best.net.h5 in.csv "
#define RECORD   RUN_TINY "-o kept.csv --record "

const struct bad_row_line bad_row_lines[] = {
    {2, {"", {"usage:"}}},
    {2, {"trian", {"did you mean 'train'"}}},
    {2, {"wash", {"unknown command 'wash'"}}},
    {2, {"train", {"EXPERIMENT.yaml"}}},
    {2, {"run t/best.net.h5", {"something is missing", "NETWORK INPUT"}}},
    {2, {"grad t/best.net.h5 tiny.trace.h5", {"missing", "EXPERIMENT"}}},
    {2, {"eval", {"operands are missing"}}},
    {2, {"info", {"operands are missing"}}},
    {2, {"convert a", {"something is missing"}}},
    {2, {"plot curve", {"missing"}}},
    {2, {"train a b", {"'b' is one word too many"}}},
    {2, {"info a b", {"'b' is one word too many"}}},
    {2, {"train x.yaml --resum", {"did you mean '--resume'"}}},
    {2, {"train x.yaml --epochs", {"needs a value"}}},
    {2, {"train x.yaml --json=yes", {"takes no value"}}},
    {2, {"run a b -q", {"unknown option '-q'"}}},
    {2, {"patterns --seed 1 --seed=2", {"given twice"}}},
    {2, {"patterns --count 11", {"1 to 10"}}},
    {2, {"bench trian", {"did you mean 'train'"}}},
    {2, {"eval a b --split tset", {"did you mean 'test'"}}},
    {2, {"plot crve t -o kept.png", {"did you mean 'curve'"}}},
    {2, {"plot curve t", {"-o NAME.png"}}},
    {1, {"train nothing.yaml", {"nothing.yaml"}}},
    {1, {"train tiny.yaml -o nothing --resume", {"nothing to resume"}}},
    {1, {"train tiny.yaml -o t", {"--resume continues it"}}},
    {1, {"train tiny.yaml -o /proc/nowhere", {"/proc/nowhere"}}},
    {1, {"train tiny.yaml -o in.csv/x", {"in.csv"}}},
    {1, {"train tiny.yaml -o x --batch 129", {"larger than the 6 training"}}},
    {1, {"train tiny.yaml -o x --epochs 0", {"--epochs is '0'", "1 to"}}},
    {1, {"train tiny.yaml -o x --threads -1", {"--threads is '-1'"}}},
    {1, {"train tiny.yaml -o x --seed 1e3", {"--seed is '1e3'"}}},
    {1, {"info nothing.net.h5", {"nothing.net.h5"}}},
    {1, {"info t", {"t"}}},
    {1, {"eval nothing.net.h5 tiny.yaml", {"nothing.net.h5"}}},
    {1, {"eval t/best.net.h5 small.yaml", {"3 input channels"}}},
    {1,
     {"eval t/best.net.h5 tiny.yaml --split validation",
      {"no validation samples", "--split"}}},
    {1, {"eval t/best.net.h5 tiny.yaml --samples 3", {"1 to 2"}}},
    {1, {"eval t/best.net.h5 tiny.yaml --tau 3", {"--tau is for data sets"}}},
    {1, {"eval t/best.net.h5 p.h5", {"p.h5 is of kind patterns"}}},
    {1, {"eval t/best.net.h5 tiny.data.h5 --samples 3", {"1 to 2"}}},
    {1, {"eval t/best.net.h5 tiny.data.h5 --seed 3", {"--seed draws"}}},
    {1, {"eval t/best.net.h5 tiny.data.h5 --tau 0", {"--tau is '0'"}}},
    {1,
     {"eval t/best.net.h5 tiny.data.h5 --split validation",
      {"no validation samples"}}},
    {1, {"eval wide.net.h5 tiny.data.h5", {"4 input channels", "has 3"}}},
    {1, {"eval t/best.net.h5 many.data.h5", {"2 neurons", "3 classes"}}},
    {1, {"eval t/best.net.h5 trains.data.h5", {"2 neurons", "4 trains"}}},
    {1, {"run t t", {"'t' is no file"}}},
    {1, {RUN_TINY "-o nowhere/kept.h5", {"nowhere/kept.h5"}}},
    {1, {RUN_TINY "-o in.csv/kept.h5", {"in.csv/kept.h5", "Not a directory"}}},
    {1, {RUN_TINY "--spikes nowhere/kept.csv", {"nowhere/kept.csv"}}},
    {1,
     {RUN_TINY "--spikes kept.csv --record V --states nowhere/x",
      {"nowhere/x"}}},
    {1, {RUN_TINY "--spikes /dev/full", {"/dev/full", "No space left"}}},
    {1, {RUN_TINY "--until 0", {"--until is '0'"}}},
    {1, {RUN_TINY "--until -5", {"--until is '-5'"}}},
    {1, {RUN_TINY "--tick 1", {"with a unit"}}},
    {1, {RUN_TINY "--tick 0ms", {"above 0"}}},
    {1, {RUN_TINY "--tick 1ms", {"needs it in time units"}}},
    {1, {RUN_TINY "--mode lasy", {"did you mean 'lazy'"}}},
    {1, {RUN_TINY "--drop 2", {"--drop is '2'"}}},
    {1, {RUN_TINY "--drop nan", {"--drop is 'nan'"}}},
    {1, {RUN_TINY "--record V", {"--record needs -o"}}},
    {1, {RECORD "V@hiden", {"did you mean 'hidden'"}}},
    {1, {RECORD "V@input", {"'input' is an input"}}},
    {1, {RECORD "F@input:hiden", {"no projection", "input:hiden"}}},
    {1, {RECORD "Q@hidden", {"'Q' is no state"}}},
    {1, {RECORD "V@hidden --neurons 5:3", {"--neurons is '5:3'"}}},
    {1, {RECORD "V@hidden --neurons 0:9", {"'hidden' has 4"}}},
    {1, {RECORD "V@hidden --neurons x", {"--neurons is 'x'"}}},
    {1, {RECORD "V@hidden --every 0", {"--every is '0'"}}},
    {1, {"run t/best.net.h5 t/best.net.h5", {"of kind network"}}},
    {1, {"run tiny.data.h5 in.csv", {"tiny.data.h5", "a network is wanted"}}},
    {1, {"run t/best.net.h5 p.h5 --pattern 0 -o kept.csv", {"p.h5"}}},
    {1, {"run t/best.net.h5 p.h5 --pattern 2", {"0 to 1"}}},
    {1, {"run t/best.net.h5 tiny.yaml --sample 2", {"0 to 1"}}},
    {1,
     {"run conv.net.h5 in.csv -o kept.csv",
      {"'out' pools by maxima", "the batch run does"}}},
    {1, {"grad t/best.net.h5 nothing.h5 tiny.yaml", {"nothing.h5"}}},
    {1,
     {"grad sparse.net.h5 tiny.trace.h5 tiny.yaml -o kept.csv",
      {"another network"}}},
    {1, {"grad t/best.net.h5 tiny.trace.h5 tiny.yaml --sample 9", {"0 to 1"}}},
    {1, {"convert tiny.yaml kept.csv", {"of kind experiment"}}},
    {1, {"convert p.h5 kept.csv --pattern 2", {"0 to 1"}}},
    {1, {"convert p.h5 nowhere/kept.npy", {"nowhere/kept.npy"}}},
    {1, {"convert p.h5 nowhere/kept.csv", {"nowhere/kept.csv"}}},
    {1, {"convert t/best.net.h5 kept.csv --tick 1ms", {"time units"}}},
    {1, {"convert --from bench_net p.h5 kept.csv", {"mean 'bench-net'"}}},
    {1, {"convert --from bench-net p.h5 kept.net.h5", {"p.h5: the attribute"}}},
    {1, {"patterns -o /nowhere/p.h5", {"/nowhere/p.h5"}}},
    {1, {"patterns --from nothing.npy", {"nothing.npy"}}},
    {1, {"plot curve t -o kept.bmp", {"'kept.bmp'", ".png or .svg"}}},
    {1, {"plot curve nothing -o kept.png", {"nothing"}}},
    {1,
     {"plot kernels t/best.net.h5 tiny.yaml -o nowhere/kept.png",
      {"nowhere/kept.png"}}},
};

const size_t bad_row_lines_n = sizeof(bad_row_lines) / sizeof(bad_row_lines[0]);
