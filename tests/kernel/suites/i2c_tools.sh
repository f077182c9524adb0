# The distribution's i2c-tools under `i2cbus run`, beside sensor programs. Busybox has programs of the same names: these are in a
# folder of their own.

same_output_under_run() {
    "$@" >/tmp/without 2>&1 || { cat /tmp/without; return 1; }
    i2cbus run 1 -w 10 -- "$@" >/tmp/with 2>&1 || { cat /tmp/with; return 1; }
    [ -s /tmp/without ] && cmp /tmp/without /tmp/with && return
    cat /tmp/without /tmp/with
    return 1
}

tools_print_the_same() {
    "$i2c_tools/i2cdetect" -V 2>&1 | grep -q '^i2cdetect version' || { echo "these are not the i2c-tools"; return 1; }
    same_output_under_run "$i2c_tools/i2cdetect" -y 1 || return
    grep -q '^40: .* 48 ' /tmp/with || { cat /tmp/with; return 1; }
    same_output_under_run "$i2c_tools/i2cdetect" -l || return
    same_output_under_run "$i2c_tools/i2cdetect" -F 1 || return
    same_output_under_run "$i2c_tools/i2cget" -y 1 0x48 1 || return
    same_output_under_run "$i2c_tools/i2cdump" -y -r 0-3 1 0x48 b || return
    same_output_under_run "$i2c_tools/i2ctransfer" -y 1 w1@0x48 0x01 r1
}

set_reaches_the_device() {
    exits_with 0 i2cbus run 1 -- "$i2c_tools/i2cset" -y 1 0x48 3 0x005a w || return
    prints 0x005a "$i2c_tools/i2cget" -y 1 0x48 3 w
}

run_keeps_exit_codes() {
    exits_with 2 i2cbus run 1 -- "$i2c_tools/i2cget" -y 1 0x33 0 || return
    exits_with 69 i2cbus run 1 -- /no/such/tool || return
    exits_with 64 i2cbus run 99999999 -- true || return
    exits_with 71 i2cbus run 99 -- true
}

run_knows_the_name_of_an_adapter() {
    prints "under the lock" i2cbus run "$(i2cbus list -n -o ADAPTER | head -n 1)" -- echo "under the lock"
}

timeout_names_the_holder() {
    i2cbus run 1 -- sleep 100 &
    local holder=$! code=0
    soon prints "is held by i2cbus" i2cbus doctor 1 -w 0 || return
    i2cbus run 1 -w 0.2 -- true >/tmp/refused 2>&1 || code=$?
    kill -TERM $holder
    wait $holder
    [ $code = 1 ] && grep -qF "i2cbus, pid $holder" /tmp/refused || { cat /tmp/refused; return 1; }
    exits_with 0 i2cbus run 1 -w 5 -- true
}

use_tools_for_a_while() { # [COMMAND before each of them...]
    local i
    for i in 1 2 3; do
        "$@" "$i2c_tools/i2cget" -y 1 0x48 1 || return
        "$@" "$i2c_tools/i2ctransfer" -y 1 w1@0x48 0x01 r1 || return
        "$@" "$i2c_tools/i2cdump" -y -r 0-3 1 0x48 b || return
        "$@" "$i2c_tools/i2cdetect" -y 1 || return
    done
}

# Two sensor programs read for as long as the tools run. What they read goes to /tmp/readings.
read_beside_tools() { # [COMMAND before each of them...]
    set_temperature 21500
    soon prints "21.5000 C" tmp105 --bus 1 || return
    rm -f /tmp/enough
    local code=0
    two_step_reader 1 /tmp/enough >/tmp/readings.1 2>&1 &
    (while [ ! -e /tmp/enough ]; do tmp105 --bus 1 || [ $? = 1 ] || echo crashed; done) >/tmp/readings.2 2>&1 &
    use_tools_for_a_while "$@" >/tmp/tools 2>&1 || code=$?
    touch /tmp/enough
    wait
    [ $code = 0 ] || { cat /tmp/tools; return 1; }
    cat /tmp/readings.1 /tmp/readings.2 >/tmp/readings
}

# The program tmp105 may have found the bus held for longer than it waits, by i2cdetect on a busy host: no reading, but no wrong one.
wrong_readings() { grep -v -e '^1580$' -e '21\.5000 C$' -e "^tmp105: .* timed out waiting for the bus's lock$" /tmp/readings; }

no_reading_is_wrong() {
    read_beside_tools i2cbus run 1 -w 60 -- || return
    [ "$(grep -c '^1580$' /tmp/readings.1)" -ge 10 ] && grep -q '21\.5000 C$' /tmp/readings.2 ||
        { echo "too few readings"; cat /tmp/readings; return 1; }
    ! wrong_readings
}

# A value that no sensor has sent; an error is none.
wrong_values() { wrong_readings | grep -E '^[0-9a-f]{4}$|[0-9] C$'; }

# A tool that moves the sensor's pointer register between the two steps of a reading makes that wrong. If none did, the check above
# would show nothing.
readings_are_wrong_without() {
    local i
    for i in $(seq 10); do
        read_beside_tools || return
        wrong_values && return
    done
    echo "no reading was wrong"
    return 1
}

suite_i2c_tools() {
    check "i2c-tools print the same under i2cbus run" tools_print_the_same
    check "i2cset reaches the device under i2cbus run" set_reaches_the_device
    check "i2cbus run keeps exit codes" run_keeps_exit_codes
    check "i2cbus run takes the name of an adapter" run_knows_the_name_of_an_adapter
    check "a timeout of i2cbus run names the holder" timeout_names_the_holder
    check "no reading of a sensor program is wrong beside i2c-tools under i2cbus run" no_reading_is_wrong
    check "some are wrong without it" readings_are_wrong_without
}
