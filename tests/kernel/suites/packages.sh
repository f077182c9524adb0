# The Debian packages, as on a Pi that has nothing else of this project. For the end of a board: what its other programs use is gone.

packages_are_installed() {
    rm /lib/libresourcelock* || return
    mkdir -p /var/lib/dpkg/info
    touch /var/lib/dpkg/status
    # What the packages depend on is in /lib, but no package brought it.
    exits_with 0 dpkg -F depends -i /packages/*.deb || return
    prints "ii  resourcelock-tools" dpkg -l
}

# With no programs but Debian's and the packages'.
from_packages() { (PATH=/usr/bin:/bin && "$@"); }

real_device_is_read_under_run() {
    exits_with 0 i2cbus run $bus -- "$i2c_tools/i2cset" -y $bus 0x48 3 0x005a w || return
    prints 0x005a i2cbus run $bus -- "$i2c_tools/i2cget" -y $bus 0x48 3 w
}

packages_are_removed() {
    exits_with 0 dpkg -r resourcelock-tools libresourcelock1 || return
    [ -z "$(find /usr -name '*resourcelock*' -o -name 'i2cbus*')" ] || { find /usr; return 1; }
}

suite_packages() {
    check "the packages are installed" packages_are_installed
    check "the packages' resourcelock works" from_packages command_line_works
    check "the packages' i2cbus shows the bus" from_packages list_shows_the_bus bcm2835
    check "the packages' i2cbus finds nothing wrong" from_packages nothing_is_wrong i2c-bcm2835
    check "the packages' i2cbus runs i2c-tools with a device" from_packages real_device_is_read_under_run
    check "nothing is left when they are removed" packages_are_removed
}
