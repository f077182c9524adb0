# Suites for any board: what its adapters answer, and what the lock costs on its bus.

# Runs a command while a driver of the kernel has the EEPROM.
with_eeprom_driver() {
    local code=0
    echo 24c256 0x50 >/sys/bus/i2c/devices/i2c-1/new_device || return
    "$@" || code=$?
    echo 0x50 >/sys/bus/i2c/devices/i2c-1/delete_device || return
    return $code
}

print_errno_cases() {
    errno_cases >/tmp/errnos || { cat /tmp/errnos; return 1; }
    sed 's/^/ERRNO /' /tmp/errnos >/dev/console
}

# Of the bus's own tests, those of locks and processes. On an emulated processor, threads are interrupted more often than one can bear.
suite_i2c_test() { tests_of i2c_test 'i2c_bus.*:i2c_session.*:i2c_device.*-*a_thread_that_releases_and_takes_again_lets_a_waiting_one_go_first'; }

suite_errno_table() { check "the adapter answers every case" print_errno_cases; }

# A figure for docs/performance.md, not a bound.
measure_lock_overhead() {
    bus_bench 1 0x48 >/tmp/figure && sed 's/^/FIGURE /' /tmp/figure >/dev/console
}

suite_lock_overhead() { check "the lock's share of a transaction is measured" measure_lock_overhead; }
