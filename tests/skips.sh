# What ctest says, and skipped tests, a line "PRESET NAME" each, for the scripts that run them; sourced by scripts that have sourced
# cross/packages.sh.

# Without the tests that passed.
but_passed() { grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed|^ +Start ' "$1"; } # LOG

skips_of() { # PRESET JUNIT_XML
    [[ -s $2 ]] || die "ctest has left no $2"
    sed -n "s/.*<testcase name=\"\([^\"]*\)\".*status=\"notrun\".*/$1 \1/p" "$2"
}

# With CI=true, a skip fails the run unless tests/allowed-skips (in ROOT) says why it may be.
judge_skips() { # ROOT FILE
    local test pattern reason unexpected=''
    while read -r test; do
        while IFS=: read -r pattern reason || [[ -n $pattern ]]; do
            [[ -n ${reason// /} ]] || continue
            # shellcheck disable=SC2053 # a pattern on purpose
            [[ $test != $pattern ]] || continue 2
        done <"$1/tests/allowed-skips"
        unexpected+=" $test;"
    done <"$2"
    [[ -n $unexpected ]] || return 0
    say "skipped, and tests/allowed-skips does not say why:$unexpected"
    [[ ${CI:-} != true ]] || exit 1
}
