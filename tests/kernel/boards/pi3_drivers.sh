# The Raspberry Pi 3B of pi3.sh, for the sensor programs and for what its adapter does, with several processes on the bus and drivers
# of the kernel beside them. A board of its own, so that each takes less than a minute.
. "$boards_dir/pi3.sh"
programs='tmp105 eeprom sht31 bme280 ds3231'
i2c_tools=''
packages=''
suites='pi3 any_adapter contention kernel_drivers sensor_programs unplugged unplugged_in_use'
