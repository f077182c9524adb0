# The lock's tests that are not simply a whole program.

# Single steps need another processor, and there is no Python here.
suite_fault_test() { tests_of fault_test '-kill_between_steps.*:kill_matrix.*:*python*'; }
suite_kill_loop_test() { tests_of kill_loop_test '-*python*'; }

# What the kernel refuses to open in a folder that everybody may write to: proc(5) /proc/sys/fs/protected_regular.
suite_protected_files() {
    for value in 0 1 2; do
        check "the kernel protects files of others: $value" sh -c "echo $value >/proc/sys/fs/protected_regular"
        tests_of lock_files_test '*user*'
    done
}
