# The program i2cbus: list, doctor and recover. What it runs is in i2c_tools.sh.

# Whether a command ends with this exit code and prints each of these texts, which are one a line. Run once, because looking at stuck
# lines takes some seconds.
ends_saying() { # CODE TEXTS COMMAND...
    local expected=$1 texts=$2 code=0 text
    shift 2
    timeout 60 "$@" >/tmp/said 2>&1 || code=$?
    [ $code = "$expected" ] || { cat /tmp/said; echo "exit code $code, not $expected: $*"; return 1; }
    echo "$texts" | while read -r text; do
        grep -qF -- "$text" /tmp/said || { cat /tmp/said; echo "this is not '$text': $*"; exit 1; }
    done
}

# Runs a function while a program has the bus open without its lock, with that program's pid.
with_stranger() {
    local stranger code=0
    sh -c "exec sleep 100 3<>/dev/i2c-$bus" &
    stranger=$!
    soon ls -l /proc/$stranger/fd/3 || return
    "$1" $stranger || code=$?
    kill $stranger
    wait $stranger
    return $code
}

# The same while a program holds the bus.
with_holder() {
    local holder code=0
    i2cbus run $bus -- sleep 100 &
    holder=$!
    soon prints "is held by i2cbus" i2cbus doctor $bus -w 0 && "$1" $holder || code=1
    kill $holder
    wait $holder
    return $code
}

# A new start of the driver makes a new node.
node_now() { stat -c %i /dev/i2c-$bus; }

list_shows_the_bus() { # NAME of the adapter
    ends_saying 0 "/dev/i2c-$bus
$1
i2c-$bus" i2cbus list || return
    ends_saying 0 '"root": 1' i2cbus list -J
}

nothing_is_wrong() { # DRIVER
    ends_saying 0 "driver $1
lines: in order
nothing is wrong" i2cbus doctor $bus || return
    ends_saying 0 '"state": "in order"' i2cbus doctor -J $bus
}

doctor_names_kernel_drivers() {
    local code=0
    echo tmp105 0x48 >/sys/bus/i2c/devices/i2c-1/new_device
    ends_saying 0 "addresses of kernel drivers: 0x48 lm75" i2cbus doctor 1 || code=$?
    echo 0x48 >/sys/bus/i2c/devices/i2c-1/delete_device
    return $code
}

# The kernel's driver of the multiplexer makes a bus of each channel.
doctor_knows_a_channel() {
    local code=0 channel
    echo pca9548 0x70 >/sys/bus/i2c/devices/i2c-1/new_device
    channel=$(i2cbus list -n -o BUS,ADAPTER | sed -n 's#^/dev/i2c-\([0-9]*\) *i2c-1-mux (chan_id 0).*#\1#p')
    ends_saying 0 "wires: behind a multiplexer, those of bus 1
lock <i2c-1>
lines: in order" i2cbus doctor "$channel" &&
        ends_saying 0 "it is the root adapter of /dev/i2c-$channel
nothing to recover" i2cbus recover "$channel" || code=$?
    echo 0x70 >/sys/bus/i2c/devices/i2c-1/delete_device
    return $code
}

stranger_is_named() {
    ends_saying 1 "open without the bus's lock, so able to disturb the others: $1 sleep
i2cbus run $bus -- sleep" i2cbus doctor $bus
}

healthy_bus_is_left_alone() {
    local before
    before=$(node_now)
    ends_saying 0 "nothing to recover" i2cbus recover $bus || return
    ends_saying 0 "nothing to recover" i2cbus recover -y $bus || return
    ends_saying 0 '"outcome": "not needed"' i2cbus recover -J $bus || return
    [ "$(node_now)" = "$before" ]
}

# Makes the Pi's adapter deaf: its interrupt (53; BCM2835 ARM Peripherals, section 7.5) is switched off behind the driver's back, so
# that every transfer times out after a second, as with a stuck line. The driver's start switches it on, unless another adapter uses
# it too, as that of the HDMI connector does.
make_deaf() {
    local device
    for device in /sys/bus/platform/drivers/i2c-bcm2835/*.i2c; do
        [ -e "$device/i2c-1" ] || echo "${device##*/}" >/sys/bus/platform/drivers/i2c-bcm2835/unbind
    done
    devmem 0x3f00b220 32 0x00200000
}

deaf_adapter_is_recovered() {
    make_deaf || return
    ends_saying 0 "lines: look stuck
gave it back
recovered" i2cbus recover 1 -y || return
    nothing_is_wrong i2c-bcm2835 || return
    soon prints " C" tmp105 --bus 1
}

held_bus_is_not_recovered() { ends_saying 1 "i2cbus, pid $1" i2cbus recover $bus -y -w 0.2; }

suite_i2cbus() {
    check "i2cbus list shows the bus" list_shows_the_bus bcm2835
    check "i2cbus doctor finds nothing wrong" nothing_is_wrong i2c-bcm2835
    check "i2cbus doctor names kernel drivers" doctor_names_kernel_drivers
    check "i2cbus doctor and recover know whose wires a multiplexer's channel uses" doctor_knows_a_channel
    check "i2cbus doctor names who has the bus open without its lock" with_stranger stranger_is_named
    check "i2cbus recover leaves a healthy bus alone" healthy_bus_is_left_alone
    check "i2cbus recover waits for the lock" with_holder held_bus_is_not_recovered
    check "i2cbus recover recovers a deaf adapter" deaf_adapter_is_recovered
}

# Where the lines are really low.

doctor_finds_stuck_lines() {
    ends_saying 1 "driver i2c-gpio
wrong: a line looks stuck low
i2cbus recover $bus" i2cbus doctor $bus || return
    ends_saying 1 '"state": "stuck"' i2cbus doctor -J $bus
}

dry_run_changes_nothing() {
    local before
    before=$(node_now)
    ends_saying 1 "to do it: i2cbus recover $bus -y" i2cbus recover $bus || return
    [ "$(node_now)" = "$before" ]
}

still_stuck_is_said() {
    local before
    before=$(node_now)
    ends_saying 1 '"outcome": "still stuck"
gave it back' i2cbus recover -J -y $bus || return
    [ "$(node_now)" != "$before" ] || { echo "the driver was not bound anew"; return 1; }
}

open_bus_is_not_unbound() {
    local before
    before=$(node_now)
    ends_saying 1 "not while a program has the bus open: $1 sleep" i2cbus recover $bus -y || return
    [ "$(node_now)" = "$before" ]
}

# In a PID namespace the programs are out of sight, in a user namespace the files that they have open.
hidden_programs_keep_the_driver() {
    local before
    before=$(node_now)
    ends_saying 1 "not where some processes are out of sight or hide their files" \
        unshare --pid --fork --mount-proc i2cbus recover $bus -y || return
    ends_saying 1 "not where some processes are out of sight or hide their files" \
        unshare --user --map-root-user i2cbus recover $bus -y || return
    [ "$(node_now)" = "$before" ]
}

suite_i2cbus_stuck() {
    check "i2cbus doctor finds stuck lines" doctor_finds_stuck_lines
    check "i2cbus recover changes nothing without -y" dry_run_changes_nothing
    check "i2cbus recover says what is still stuck" still_stuck_is_said
    check "i2cbus recover names who has the bus open" with_stranger open_bus_is_not_unbound
    check "i2cbus recover leaves the driver where programs may be hidden" hidden_programs_keep_the_driver
}

# Adapters that speak SMBus only: i2c-i801, and i2c-stub, which has no driver.

number_called() { i2cbus list -n -o BUS,ADAPTER | sed -n "s#^/dev/i2c-\([0-9]*\) *$1.*#\1#p"; }

doctor_knows_smbus() {
    ends_saying 0 "driver i801_smbus
nothing is wrong" i2cbus doctor "$(number_called 'SMBus I801')" || return
    ends_saying 0 "nothing is wrong" i2cbus doctor "$(number_called 'SMBus stub')"
}

stub_cannot_be_recovered() {
    ends_saying 1 "cannot: the adapter has no driver that could be unbound" i2cbus recover -y "$(number_called 'SMBus stub')" || return
    ends_saying 1 '"outcome": "adapter cannot"' i2cbus recover -J "$(number_called 'SMBus stub')"
}

suite_i2cbus_smbus() {
    check "i2cbus doctor knows adapters that speak SMBus only" doctor_knows_smbus
    check "i2cbus recover says that a stub cannot be recovered" stub_cannot_be_recovered
}

# i2c-imx, whose absent addresses are slow on the emulated board.
suite_i2cbus_imx() {
    check "i2cbus doctor finds nothing wrong" nothing_is_wrong imx-i2c
    check "i2cbus recover leaves a healthy bus alone" healthy_bus_is_left_alone
}
