#!/usr/bin/env bash
# tests/fuzz/long.sh SOURCE BUILD [RUNS [FORMAT...]] - libFuzzer on every
# reader of recordings and of sets of spikes.
#
# Builds the programs in BUILD and gives each RUNS inputs (1 000 000), as many
# formats at a time as there are processors, begun from the kept ones and from
# a small file of every kind, with at most 1 s and 64 MiB for an input beside
# the 48 MiB that libFuzzer and ASan take. Says every ten minutes how far it
# is. What is found is left in BUILD/finds; it belongs into
# tests/fuzz/corpus/FORMAT once it is mended. Ends with 77, skipped, where
# there is no clang with libFuzzer.
set -euo pipefail
source=$1
build=$2
runs=${3:-1000000}
targets=("${@:4}")
if [ "${#targets[@]}" -eq 0 ]; then
    targets=(aedat2 aedat3 aedat4 csv dat dsec es evt2 evt21 evt3 nmnist shd)
fi

if ! command -v clang >/dev/null ||
    ! echo 'int LLVMFuzzerTestOneInput(const char *d, long n)
            { return d && n < 0; }' |
    clang -x c -fsanitize=fuzzer,address - -o /dev/null 2>/dev/null; then
    echo "skipped: no clang with libFuzzer (tools/setup matrix installs it)"
    exit 77
fi

# One after the other where several of these scripts begin at once.
build_programs() {
    mkdir -p "$build"
    exec 9>"$build/lock"
    flock 9
    if [ ! -f "$build/build.ninja" ]; then
        CC=clang meson setup "$build" "$source" -Dfuzz=enabled \
            -Db_sanitize=address,undefined -Db_lundef=false \
            --buildtype=debugoptimized >/dev/null
    fi
    ninja -C "$build" tests/fuzz/dvs_seeds \
        "${targets[@]/#/tests/fuzz/fuzz_}" >/dev/null
    exec 9>&-
}
build_programs

[ ! -w /dev/shm ] || export TMPDIR=/dev/shm # files made for HDF5
work=$(mktemp -d)
export TMPDIR=$work
mkdir -p "$work/seeds" "$build/finds"
# Only those that this script started.
end() {
    local pids
    pids=$(jobs -p)
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
EBB_SEEDS=$work/seeds "$build/tests/fuzz/dvs_seeds" >/dev/null

# What is freed is watched for another megabyte; what is allocated is not
# filled, it is zeroed anyway.
export ASAN_OPTIONS=quarantine_size_mb=1:malloc_context_size=4
ASAN_OPTIONS+=:max_malloc_fill_size=0

# Inputs that a log tells of.
told() {
    { grep -o '^#[0-9]*' "$1" || echo 0; } | tail -1 | tr -d '#'
}

# Give a format its inputs. An input that took long only because others had the
# processor is none to keep: it is tried again by itself.
fuzz() {
    local format=$1 left=$runs log=$work/$1.log all=$work/$1.all find=
    local program=$build/tests/fuzz/fuzz_$format
    local limit=$((runs / 100 + 600)) # s; a dying sanitizer may hang
    mkdir -p "$work/$format" "$work/seeds/$format"
    : >"$all"
    while [ "$left" -gt 0 ]; do
        if timeout -k 10 "$limit" "$program" -runs="$left" \
            -timeout=1 -rss_limit_mb=112 -malloc_limit_mb=64 -max_len=4096 \
            -detect_leaks=0 -print_final_stats=1 \
            -artifact_prefix="$work/$format-find-" "$work/$format" \
            "$source/tests/fuzz/corpus/$format" "$work/seeds/$format" \
            >"$log" 2>&1; then
            left=0
        else
            # What was only slow is left there, too: no find.
            find=$(ls -t "$work/$format"-find-* 2>/dev/null |
                grep -v -e -find-slow-unit- | head -1 || true)
            if ! grep -q 'libFuzzer: timeout' "$log" || [ -z "$find" ] ||
                ! "$program" -timeout=1 "$find" >/dev/null 2>&1; then
                cat "$log" >>"$all"
                [ -z "$find" ] || mv "$find" "$build/finds/$format-${find##*-}"
                return 1
            fi
            rm -f "$find"
            left=$((left - $(told "$log")))
        fi
        cat "$log" >>"$all"
    done
    "$program" -runs=0 "$work/$format" >>"$all" 2>&1
}

# A line for a format: inputs, coverage, finds.
try() {
    local format=$1 begun=$SECONDS finds=0 how=
    fuzz "$format" || finds=1
    [ "$finds" -eq 0 ] || how=$(grep -hE 'ERROR|SUMMARY|runtime error' \
        "$work/$format.all" | head -2 | tr '\n' ' ')
    echo "$format: $runs inputs, coverage" \
        "$({ grep -o 'cov: [0-9]*' "$work/$format.all" || echo 0; } |
            tail -1 | tr -dc 0-9), $finds finds," \
        "$((SECONDS - begun)) s $how"
    return "$finds"
}

# Every ten minutes, formats that are not done.
tell() {
    local log format sleeper
    trap 'kill "$sleeper"; exit' TERM
    while sleep 600 >/dev/null & sleeper=$!; wait "$sleeper"; do
        for log in "$work"/*.log; do
            format=$(basename "$log" .log)
            [ -e "$work/$format.done" ] ||
                echo "... $format: $(told "$log") of $runs"
        done
    done
}

tell &
teller=$!
failed=0
busy=()
for format in "${targets[@]}"; do
    if [ "${#busy[@]}" -ge "$(nproc)" ]; then
        wait -n "${busy[@]}" || failed=1
        mapfile -t busy < <(jobs -rp | grep -vx "$teller" || true)
    fi
    { try "$format" && touch "$work/$format.done"; } &
    busy+=($!)
done
for pid in "${busy[@]}"; do
    wait "$pid" || failed=1
done
exit "$failed"
