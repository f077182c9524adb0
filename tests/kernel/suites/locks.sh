# The lock's tests that are not simply a whole program.

# Single steps need another processor, that of a PC, and there is no Python here.
suite_fault_test() { tests_of fault_test '-kill_between_steps.*:kill_matrix.*:*python*'; }
# All of these would take some minutes there: those of a get, of its recovery and of its unget.
suite_single_steps() {
    tests_of fault_test 'kill_between_steps.of_a_later_get_and_unget:*.of_a_get_that_inherits_from_a_dead_holder:*.of_a_look_that_frees*'
}
suite_kill_loop_test() { tests_of kill_loop_test '-*python*'; }

# What the kernel refuses to open in a folder that everybody may write to: proc(5) /proc/sys/fs/protected_regular.
suite_protected_files() {
    for value in 0 1 2; do
        check "the kernel protects files of others: $value" sh -c "echo $value >/proc/sys/fs/protected_regular"
        tests_of lock_files_test '*user*'
    done
}
