# The checks on the Pi. Sourced by init.

# A line for run on the host, which tells it to QEMU: the sensor's temperature in thousandths of a degree.
set_temperature() {
    echo "@QMP {\"execute\": \"qom-set\", \"arguments\": {\"path\": \"tmp105\", \"property\": \"temperature\", \"value\": $1}}" \
        >/dev/console
}

temperature_is_followed() {
    set_temperature "$1"
    soon prints "$2 C" tmp105 --bus 1
}

eeprom_reads_back() {
    exits_with 0 eeprom --bus 1 --offset 60 --write "stored on a real bus" || return
    # another program, which shares nothing with ours but the wires
    prints "0x73 0x74 0x6f 0x72 0x65 0x64" i2ctransfer -y 1 w2@0x50 0x00 0x3c r6 || return
    prints '"read":"73746f726564"' eeprom --bus 1 --offset 60 --length 6 --json
}

absent_device_is_explained() {
    exits_with 1 sht31 --bus 1 || return
    prints "no SHT31 found" sht31 --bus 1
}

command_line_works() {
    exits_with 0 resourcelock lab get -m "on the board" || return
    exits_with 1 resourcelock lab get -t 0.1 || return
    prints "Currently locked: <True>" resourcelock lab state || return
    prints "on the board" resourcelock lab state || return
    exits_with 0 resourcelock lab unget || return
    exits_with 1 resourcelock lab unget || return
    prints "Currently locked: <False>" resourcelock lab state || return
    exits_with 64 resourcelock lab
}

killed_holder_frees_the_lock() {
    resourcelock lab get -a 100 &
    local holder=$!
    soon prints "Holder: <alive>" resourcelock lab state -v || return
    exits_with 1 resourcelock lab get -t 0.1 || return
    kill -9 $holder
    exits_with 0 resourcelock lab get -t 2 || return
    exits_with 0 resourcelock lab unget
}

check "resourcelock: get, state, unget and their exit codes" command_line_works
check "resourcelock: a killed holder frees the lock" killed_holder_frees_the_lock
check "tmp105 follows the temperature: 21.5" temperature_is_followed 21500 21.5000
check "tmp105 follows the temperature: -10" temperature_is_followed -10000 -10.0000
i2cset -y 1 0x48 1 0x60 # 12 bits instead of 9, or a quarter of a degree would not show
check "tmp105 follows the temperature: 85.25" temperature_is_followed 85250 85.2500
check "eeprom writes and reads back" eeprom_reads_back
check "an absent device is explained" absent_device_is_explained

each_test_passes i2c_bus_kernel_test 'any_adapter.*:pi3.*'
# A figure for docs/performance.md, not a bound.
lock_overhead_is_measured() {
    bus_bench 1 0x48 >/tmp/figure && echo "FIGURE $(cat /tmp/figure)" >/dev/console
}
check "the lock's share of a transaction is measured" lock_overhead_is_measured
# The general tests of the lock. Those that ask for milliseconds are elsewhere: an emulated processor needs several times as many.
for name in resource_lock_test lock_files_test lock_threads_test lock_clock_test lock_crash_test fork_family_test; do
    check "$name" tests_pass $name
done
# What the kernel refuses to open in a folder that everybody may write to: proc(5) /proc/sys/fs/protected_regular.
for value in 0 1 2; do
    echo $value >/proc/sys/fs/protected_regular
    check "locks of several users with fs.protected_regular=$value" tests_pass lock_files_test --gtest_filter='*user*'
done
export RESOURCELOCK_TEST_LENGTH=short
# Single steps need another processor, and there is no Python here.
for name in fault_test kill_loop_test; do
    check $name tests_pass $name --gtest_filter='-kill_between_steps.*:kill_matrix.*:*python*'
done
