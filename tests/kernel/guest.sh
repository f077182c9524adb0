# Runs the suites of an emulated board, with the sh of busybox. For each suite: a line SUITE, for each check in it a line PASS, or
# what went wrong and a line FAIL, and a line END. A suite is a function suite_NAME (in suites/), a test program, or a suite of the
# program i2c_bus_kernel_test.

. /board.sh
. /gtest_checks.sh
export RESOURCELOCK_KERNEL_LAB=$board
# An emulated processor needs several times as long for everything.
export RESOURCELOCK_TEST_LENGTH=short

passed=0
failed=0
scratch=/tmp

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

# Whether a command prints this and does not crash; shows what it printed when not.
prints() {
    local text=$1 code=0
    shift
    "$@" >/tmp/printed 2>&1 || code=$?
    [ $code -lt 126 ] && grep -qF -- "$text" /tmp/printed && return
    cat /tmp/printed
    echo "this is not '$text', or $code is not the exit code of a good end: $*"
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

# What the kernel said meanwhile is shown when something failed; when it complains itself, of I2C or altogether, that is a failure.
check_kernel_log() {
    dmesg -c >/tmp/kernel
    if grep -E 'BUG:|Oops|WARNING: .* at drivers/i2c/' /tmp/kernel >/tmp/complaints; then
        sed 's/^/    /' /tmp/complaints
        failed=$((failed + 1))
        echo "FAIL the kernel has nothing to complain of"
    fi
    [ "$failed" = "$1" ] || tail -n 40 /tmp/kernel | sed 's/^/    /'
}

run_suite() {
    local failed_before=$failed
    echo "SUITE $1"
    if type "suite_$1" >/dev/null 2>&1; then
        "suite_$1"
    elif [ -x "/programs/$1" ]; then
        tests_of "$1"
    else
        tests_of i2c_bus_kernel_test "$1.*"
    fi
    check_kernel_log "$failed_before"
    echo "END $1"
}

for file in /suites/*; do
    . "$file"
done
for suite in $suites; do
    run_suite "$suite"
done
echo "ALL passed=$passed failed=$failed"
