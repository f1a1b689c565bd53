"""Types into a shell as a person does: press_tab.py FOLDER SETUP TYPED EXPECTED SHELL ARGUMENT...

Starts the shell in FOLDER on a terminal of its own, has it run the line SETUP, types TYPED, and
ends well as soon as what it shows then matches EXPECTED. Prints what it showed.
"""

import os
import pty
import re
import select
import signal
import sys
import time

WAIT_SECONDS = 60
PROMPT = "ready>"


def read_until(terminal, pattern, text=""):
    late = time.monotonic() + WAIT_SECONDS
    while not re.search(pattern, text):
        readable, _, _ = select.select([terminal], [], [], max(0, late - time.monotonic()))
        if not readable:
            sys.exit(f"{text}\npress_tab: nothing matches {pattern}")
        text += os.read(terminal, 65536).decode(errors="replace").replace("\r\n", "\n")
    return text


def main():
    folder, setup, typed, expected, *command = sys.argv[1:]
    shell, terminal = pty.fork()
    if shell == 0:
        os.chdir(folder)
        os.environ.update(TERM="dumb", COLUMNS="200", INPUTRC="/dev/null", HOME=folder)
        os.execvp(command[0], command)
    try:
        # In two parts: the terminal shows the line, too.
        os.write(terminal, f"{setup}; PS1='ready''> '\n".encode())
        read_until(terminal, f"{PROMPT} ")
        os.write(terminal, typed.encode())
        print(read_until(terminal, expected))
    finally:
        os.kill(shell, signal.SIGKILL)
        os.waitpid(shell, 0)


if __name__ == "__main__":
    main()
