"""A survey by FastAGI, as one writes it with what Python brings along.

agi.py MENU THANKS ANSWERS: MENU and THANKS are sound files with & between
them, and ANSWERS is the file that takes a line for each answer. When it
listens it says "bench: " and the port.
"""

import socketserver
import sys
import threading

menu, thanks, path = sys.argv[1:]
answers = open(path, "a")
writing = threading.Lock()


class Caller(socketserver.StreamRequestHandler):
    def command(self, text):
        self.wfile.write(text.encode() + b"\n")
        return self.rfile.readline().decode().strip()

    def result(self, text):
        return int(self.command(text).split()[1].removeprefix("result="))

    def ask(self):
        """The key: a menu stops at it. Result 0: none, -1: the caller is gone."""
        for sound in menu.split("&"):
            result = self.result(f'STREAM FILE "{sound}" "0123456789*#"')
            if result:
                return chr(result) if result > 0 else ""
        result = self.result("WAIT FOR DIGIT 5000")
        return chr(result) if result > 0 else ""

    def handle(self):
        asked = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(": ")
            asked[name] = value
        key = self.ask()
        if key != "1":
            print("caller", asked["agi_uniqueid"], "pressed", repr(key), file=sys.stderr)
            return
        with writing:
            print(asked["agi_uniqueid"], asked["agi_arg_1"], key, file=answers, flush=True)
        self.command(f'EXEC Playback "{thanks}"')


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100


with Server(("127.0.0.1", 0), Caller) as server:
    print("bench:", server.server_address[1], flush=True)
    server.serve_forever()
