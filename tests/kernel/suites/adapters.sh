# Suites for any board: what its adapters answer, and what the lock costs on its bus.

# Runs a command while a driver of the kernel has the EEPROM.
with_eeprom_driver() {
    echo 24c256 0x50 >/sys/bus/i2c/devices/i2c-1/new_device
    "$@"
    echo 0x50 >/sys/bus/i2c/devices/i2c-1/delete_device
}

print_errno_cases() {
    errno_cases >/tmp/errnos || { cat /tmp/errnos; return 1; }
    sed 's/^/ERRNO /' /tmp/errnos >/dev/console
}

suite_errno_table() { check "the adapter answers every case" print_errno_cases; }

# A figure for docs/performance.md, not a bound.
measure_lock_overhead() {
    bus_bench 1 0x48 >/tmp/figure && sed 's/^/FIGURE /' /tmp/figure >/dev/console
}

suite_lock_overhead() { check "the lock's share of a transaction is measured" measure_lock_overhead; }
