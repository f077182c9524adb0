# The program resourcelock, by hand.

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

suite_command_line() {
    check "get, state, unget and their exit codes" command_line_works
    check "a killed holder frees the lock" killed_holder_frees_the_lock
}
