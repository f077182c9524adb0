# GoogleTest programs as checks of a suite; for the sh of busybox. Sourced by guest.sh, which has the counts `passed` and `failed`.

# Each test of a GoogleTest program is a check, those that fit a filter if one is given. There is no reason to skip one here.
tests_of() {
    local program=$1 filter="${2:-*}" code=0
    timeout 150 "$program" --gtest_filter="$filter" >"$scratch/tests" 2>&1 </dev/null || code=$?
    sed -n -E 's/^\[ +OK \] ([^ ,]+).*/PASS \1/p; s/^\[ +(FAILED|SKIPPED) +\] ([^ ,]+).* \([0-9]+ ms\)$/FAIL \2/p' "$scratch/tests" >"$scratch/results"
    grep -E '^figure: ' "$scratch/tests"
    # A program that ends early with 0 has not said so.
    grep -q '^\[  PASSED  \]' "$scratch/tests" || [ $code != 0 ] || code='nothing said of the end'
    if [ "$code" != 0 ] || ! grep -q '^PASS' "$scratch/results"; then
        grep -vE '^\[( RUN|       OK|---|===)' "$scratch/tests" | sed 's/^/    /'
        grep -q '^FAIL' "$scratch/results" ||
            echo "FAIL $program $filter ended with $code after: $(grep '^\[ ' "$scratch/tests" | tail -n 1)" >>"$scratch/results"
    fi
    cat "$scratch/results"
    passed=$((passed + $(grep -c '^PASS' "$scratch/results")))
    failed=$((failed + $(grep -c '^FAIL' "$scratch/results")))
}
