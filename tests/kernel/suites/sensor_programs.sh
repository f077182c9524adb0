# The sensor programs with emulated sensors, which the monitor of QEMU can change.

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

absent_device_is_explained() { # PROGRAM NAME
    exits_with 1 "$1" --bus 1 || return
    prints "no $2 found" "$1" --bus 1
}

# The DS1338 tells the time with the same registers as the DS3231.
clock_is_set_and_read() {
    date -s "2026-05-01 12:00:00" || return
    exits_with 0 ds3231 --bus 1 --set-from-system || return
    prints "2026-05-01" ds3231 --bus 1
}

# Programs that know nothing of one another, on one bus: each reads what is there.
programs_share_the_bus() {
    local i readers=''
    set_temperature 21500
    soon prints "21.5" tmp105 --bus 1 || return
    eeprom --bus 1 --offset 128 --write "beside the others" || return
    for i in 1 2; do
        tmp105 --bus 1 --interval 0.05 --count 60 >/tmp/temperatures$i 2>&1 &
        readers="$readers $!"
    done
    for i in $(seq 20); do
        prints "6265736964652074686520" eeprom --bus 1 --offset 128 --length 17 --json || return
    done
    for i in $readers; do
        wait $i || { cat /tmp/temperatures*; return 1; }
    done
    for i in 1 2; do
        [ "$(grep -c '21.5' /tmp/temperatures$i)" = 60 ] || { cat /tmp/temperatures$i; return 1; }
    done
}

suite_sensor_programs() {
    check "tmp105 follows the temperature: 21.5" temperature_is_followed 21500 21.5000
    check "tmp105 follows the temperature: -10" temperature_is_followed -10000 -10.0000
    i2cset -y 1 0x48 1 0x60 # 12 bits instead of 9, or a quarter of a degree would not show
    check "tmp105 follows the temperature: 85.25" temperature_is_followed 85250 85.2500
    check "eeprom writes and reads back" eeprom_reads_back
    check "ds3231 sets and reads the time" clock_is_set_and_read
    check "an absent SHT31 is explained" absent_device_is_explained sht31 SHT31
    check "an absent BME280 is explained" absent_device_is_explained bme280 BME280
    check "programs that know nothing of one another share the bus" programs_share_the_bus
}
