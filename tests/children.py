"""Programs that the tests start."""
import signal


def as_from_a_shell():
    """A preexec_fn: the signals as a login shell gives them. Who runs the tests may ignore some (a script's `&` does
    with SIGINT and SIGQUIT, nohup with SIGHUP), and a program that is started ignores what its starter did."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP, signal.SIGCONT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
