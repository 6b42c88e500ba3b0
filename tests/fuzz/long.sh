#!/usr/bin/env bash
# tests/fuzz/long.sh SOURCE BUILD [RUNS] - libFuzzer on every reader of
# recordings.
#
# Builds the programs in BUILD and gives each RUNS inputs (1 000 000), begun
# from the kept ones and from a small file of every kind, with at most 1 s and
# 64 MiB for an input beside the 48 MiB that libFuzzer and ASan take. What is
# found is left in BUILD/finds; it belongs into tests/fuzz/corpus/FORMAT once
# it is mended. Ends with 77, skipped, where there is no clang with libFuzzer.
set -euo pipefail
source=$1
build=$2
runs=${3:-1000000}

if ! command -v clang >/dev/null ||
    ! echo 'int LLVMFuzzerTestOneInput(const char *d, long n)
            { return d && n < 0; }' |
    clang -x c -fsanitize=fuzzer,address - -o /dev/null 2>/dev/null; then
    echo "skipped: no clang with libFuzzer (tools/setup matrix installs it)"
    exit 77
fi

if [ ! -f "$build/build.ninja" ]; then
    CC=clang meson setup "$build" "$source" -Dfuzz=enabled \
        -Db_sanitize=address,undefined -Db_lundef=false \
        --buildtype=debugoptimized >/dev/null
fi
targets=(aedat2 aedat3 aedat4 csv dat es evt2 evt21 evt3 nmnist)
ninja -C "$build" tests/fuzz/dvs_seeds \
    "${targets[@]/#/tests/fuzz/fuzz_}" >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/seeds" "$build/finds"
EBB_SEEDS=$work/seeds "$build/tests/fuzz/dvs_seeds" >/dev/null

export ASAN_OPTIONS=quarantine_size_mb=4

# Give a format its inputs. An input that took long only because others had the
# processor is none to keep: it is tried again by itself.
fuzz() {
    local format=$1 left=$runs log=$work/log find=
    local program=$build/tests/fuzz/fuzz_$format
    local limit=$((runs / 100 + 600)) # s; a dying sanitizer may hang
    mkdir -p "$work/$format"
    : >"$work/all"
    while [ "$left" -gt 0 ]; do
        # Leaks are looked for at the end: after every input they cost more
        # than all else.
        if timeout -k 10 "$limit" "$program" -runs="$left" \
            -timeout=1 -rss_limit_mb=112 -malloc_limit_mb=64 -max_len=4096 -detect_leaks=0 \
            -artifact_prefix="$work/find-" "$work/$format" \
            "$source/tests/fuzz/corpus/$format" "$work/seeds/$format" \
            >"$log" 2>&1; then
            left=0
        else
            find=$(ls "$work"/find-* 2>/dev/null | head -1)
            if ! grep -q 'libFuzzer: timeout' "$log" || [ -z "$find" ] ||
                ! "$program" -timeout=1 "$find" >/dev/null 2>&1; then
                cat "$log" >>"$work/all"
                [ -z "$find" ] || mv "$find" "$build/finds/$format-${find##*-}"
                return 1
            fi
            rm -f "$find"
            left=$((left - $(grep -o '^#[0-9]*' "$log" | tail -1 | tr -d '#')))
        fi
        cat "$log" >>"$work/all"
    done
    "$program" -runs=0 "$work/$format" >>"$work/all" 2>&1
}

failed=0
for format in "${targets[@]}"; do
    if fuzz "$format"; then
        echo "$format: $runs inputs, coverage" \
            "$(grep -o 'cov: [0-9]*' "$work/all" | tail -1 | tr -dc 0-9)"
    else
        echo "$format: $(grep -E 'ERROR|SUMMARY' "$work/all" | head -2)"
        failed=1
    fi
done
exit "$failed"
