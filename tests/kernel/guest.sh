# What checks on a board are made of. Sourced by init, so this is the sh of busybox. One line for each: PASS or FAIL, after
# what a failed one printed.

passed=0
failed=0

check() {
    local name=$1
    shift
    if "$@" >/tmp/output 2>&1 </dev/null; then
        passed=$((passed + 1))
        echo "PASS $name"
    else
        sed 's/^/    /' /tmp/output
        failed=$((failed + 1))
        echo "FAIL $name"
    fi
}

# Whether a command ends with this exit code; shows it when not.
exits_with() {
    local expected=$1 code=0
    shift
    "$@" || code=$?
    [ $code = "$expected" ] || { echo "exit code $code, not $expected: $*"; return 1; }
}

# Whether a command prints this; shows what it printed when not.
prints() {
    local text=$1
    shift
    "$@" >/tmp/printed 2>&1
    grep -qF -- "$text" /tmp/printed && return
    cat /tmp/printed
    echo "this is not '$text': $*"
    return 1
}

# Whether a check comes out well within 10 s; shows the last try when not.
soon() {
    for i in $(seq 50); do
        "$@" >/tmp/try && return
        usleep 200000
    done
    cat /tmp/try
    return 1
}

# A test program passes when its tests ran: on this board there is no reason to skip one.
tests_pass() {
    timeout 200 "$@" >/tmp/tests 2>&1 && ! grep -q SKIPPED /tmp/tests && return
    grep -vE '^\[( RUN|       OK|---|===)' /tmp/tests
    return 1
}

# Each test of a program that fits a pattern of GoogleTest is a check of its own.
each_test_passes() {
    local program=$1 pattern=$2 suite='' name
    for name in $("$program" --gtest_list_tests --gtest_filter="$pattern" | grep '^ *[a-z]'); do
        case $name in
            *.) suite=$name ;;
            *) check "$suite$name" tests_pass "$program" --gtest_filter="$suite$name" ;;
        esac
    done
    check "$program $pattern has tests" test -n "$suite"
}
