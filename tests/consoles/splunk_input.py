"""Runs the modular input of the Splunk app as splunkd would, against a running service and against one that misbehaves.

PEERBENCH_CLIENT_URL, _ID and _SECRET name the running service. Prints 'ok' for each case; fails with the first that isn't.
"""

import contextlib
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import trustme

APP = pathlib.Path(__file__).parents[2] / "consoles" / "splunk" / "peerbench"
SCRIPT = APP / "bin" / "peerbench.py"
URL, ID, SECRET = (os.environ[f"PEERBENCH_CLIENT_{name}"] for name in ("URL", "ID", "SECRET"))
SESSION = "session-of-splunkd"


@contextlib.contextmanager
def served(handler, context=None):
    """A server on loopback, with TLS if a context is given. Yields its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fields(self):
        return dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))


class Splunkd(Quiet):
    """Splunk's REST interface as its reference describes storage/passwords and data/inputs."""

    passwords: dict = {}
    inputs: dict = {}

    def do_POST(self):
        fields = self.fields()
        if self.headers["Authorization"] != f"Splunk {SESSION}":
            return self.answer(401)
        base = "/servicesNS/nobody/peerbench/"
        path = urllib.parse.unquote(self.path.removeprefix(base))
        if path == "storage/passwords":
            name = f"{fields['realm']}:{fields['name']}:"
            if name in self.passwords:
                return self.answer(409)
            self.passwords[name] = fields["password"]
            return self.answer(201)
        if path.startswith("storage/passwords/"):
            self.passwords[path.removeprefix("storage/passwords/")] = fields["password"]
            return self.answer(200)
        if path.startswith("data/inputs/peerbench/"):
            self.inputs[path.removeprefix("data/inputs/peerbench/")] = fields
            return self.answer(200)
        return self.answer(404)

    def do_GET(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        name = path.removeprefix("/servicesNS/nobody/peerbench/storage/passwords/")
        if name not in self.passwords:
            return self.answer(404)
        return self.answer(200, {"entry": [{"content": {"clear_password": self.passwords[name]}}]})


def document(splunkd, folder, **arguments):
    root = ElementTree.Element("input")
    for tag, text in (("server_host", "search-head"), ("server_uri", splunkd), ("session_key", SESSION), ("checkpoint_dir", folder)):
        ElementTree.SubElement(root, tag).text = text
    stanza = ElementTree.SubElement(ElementTree.SubElement(root, "configuration"), "stanza", name="peerbench://default")
    for name, value in arguments.items():
        ElementTree.SubElement(stanza, "param", name=name).text = value
    return ElementTree.tostring(root, encoding="unicode")


def start(given, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PEERBENCH_")}
    # Splunk's own Python is isolated like this one: no packages beside the standard library.
    command = [sys.executable, "-I", "-S", str(SCRIPT), *arguments]
    return subprocess.run(command, input=given, env=environment, capture_output=True, text=True, timeout=120, check=False)


def run(splunkd, folder, **arguments):
    """The exit code, the events and what was said, after the checks that hold for every run."""
    ran = start(document(splunkd, folder, **arguments))
    assert SECRET not in ran.stdout + ran.stderr, "the secret was printed"
    events = [json.loads(event.findtext("data")) for event in ElementTree.fromstring(ran.stdout).iter("event")]
    return ran.returncode, events, ran.stderr


def rows_of_the_service():
    data = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": ID, "client_secret": SECRET}).encode()
    with urllib.request.urlopen(f"{URL}/oauth/token", data) as answer:
        token = json.load(answer)["access_token"]
    rows, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
        request = urllib.request.Request(f"{URL}/v1/console/rows?limit=100{more}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        rows.extend(page["items"])
        cursor = page.get("next")
    return rows


def by_key(rows):
    return {row["row_key"]: row for row in rows}


def describes_itself():
    scheme = ElementTree.fromstring(start("", "--scheme").stdout)
    arguments = {arg.get("name") for arg in scheme.iter("arg")}
    spec = (APP / "README" / "inputs.conf.spec").read_text(encoding="utf-8")
    documented = {line.split(" = ")[0] for line in spec.splitlines() if " = " in line and not line.startswith("*")}
    of_splunk = {"interval", "start_by_shell", "python.version", "python.required"}
    assert arguments == documented - of_splunk, (arguments, documented)


def refuses_wrong_arguments():
    def validated(**arguments):
        root = ElementTree.Element("items")
        item = ElementTree.SubElement(root, "item", name="default")
        for name, value in arguments.items():
            ElementTree.SubElement(item, "param", name=name).text = value
        ran = start(ElementTree.tostring(root, encoding="unicode"), "--validate-arguments")
        return ran.returncode, ran.stdout

    good = {"url": "https://peerbench.example.org", "client_id": "client"}
    assert validated(**good) == (0, "")
    for wrong, said in (
        ({"url": "http://peerbench.example.org"}, "https://"),
        ({"url": "ftp://peerbench.example.org"}, "url must be"),
        ({"url": "https://user@peerbench.example.org"}, "no user"),
        ({"url": "https://peerbench.example.org/v1"}, "path"),
        ({"client_id": ""}, "client_id is missing"),
        ({"cohort": "sector finance"}, "cohort"),
        ({"kinds": "technique,cell"}, "'cell'"),
    ):
        code, out = validated(**{**good, **wrong})
        assert code == 1 and said in ElementTree.fromstring(out).findtext("message"), (wrong, out)


def indexes_what_changed(splunkd):
    expected = by_key(rows_of_the_service())
    assert len(expected) > 100, len(expected)
    arguments = {"url": URL, "client_id": ID, "cohort": "all"}
    with tempfile.TemporaryDirectory() as folder:
        code, events, said = run(splunkd, folder, client_secret=SECRET, **arguments)
        assert code == 0 and by_key(events) == expected and len(events) == len(expected), said
        assert Splunkd.passwords == {"peerbench:default:": SECRET}, Splunkd.passwords
        assert Splunkd.inputs == {"default": {"client_secret": "stored"}}, Splunkd.inputs

        code, events, said = run(splunkd, folder, client_secret="stored", **arguments)
        assert (code, events) == (0, []), said

        code, events, said = run(splunkd, folder, client_secret="stored", **{**arguments, "kinds": "tactic,summary"})
        assert code == 0 and {event["kind"] for event in events} == {"tactic", "summary"}, said

        checkpoint = pathlib.Path(folder, "default.json")
        checkpoint.write_text("{broken", encoding="utf-8")
        code, events, said = run(splunkd, folder, client_secret="stored", **arguments)
        assert code == 0 and by_key(events) == expected and "WARN" in said, said

        later = '{"version": 2, "pages": {}}'
        checkpoint.write_text(later, encoding="utf-8")
        code, events, said = run(splunkd, folder, client_secret="stored", **arguments)
        assert (code, events) == (1, []) and "version 2" in said and checkpoint.read_text(encoding="utf-8") == later, said

    with tempfile.TemporaryDirectory() as folder:
        # splunkd died while it read: nothing counts as handed over.
        given = document(splunkd, folder, client_secret="stored", **arguments)
        cut = subprocess.Popen([sys.executable, "-I", "-S", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        cut.stdout.close()
        cut.stdin.write(given)
        cut.stdin.close()
        assert cut.wait(60) != 0 and os.listdir(folder) == [], os.listdir(folder)


def says_what_is_wrong(splunkd):
    with tempfile.TemporaryDirectory() as folder:
        for arguments, said in (
            ({"client_secret": "not-the-secret"}, "gives no token: status 401"),
            ({"cohort": "sector:nope", "client_secret": SECRET}, "/v1/console/rows"),
        ):
            code, events, err = run(splunkd, folder, **{"url": URL, "client_id": ID, **arguments})
            assert (code, events) == (1, []) and said in err and "not-the-secret" not in err, err
        Splunkd.passwords.clear()
        code, events, err = run(splunkd, folder, url=URL, client_id=ID, client_secret="stored")
        assert (code, events) == (1, []) and "client_secret is missing" in err, err
        code, events, err = run(splunkd, folder, url="http://peerbench.example.org", client_id=ID, client_secret=SECRET)
        assert (code, events) == (1, []) and "https://" in err and Splunkd.passwords == {}, err


class Moody(Quiet):
    """A service with bad days: each path answers what its queue says, then the last answer for ever."""

    token: list = []
    rows: list = []
    asked: list = []

    def next_of(self, queue):
        return queue.pop(0) if len(queue) > 1 else queue[0]

    def do_POST(self):
        self.fields()
        type(self).asked.append(self.path)
        status, body, headers = self.next_of(self.token)
        self.answer(status, body, **headers)

    def do_GET(self):
        type(self).asked.append(self.path)
        status, body, headers = self.next_of(self.rows)
        self.answer(status, body, **headers)


def survives_bad_days(splunkd):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    token = (200, {"access_token": "token"}, {})
    row = {"row_key": "k", "row_version": "v", "name": "<&\u0001\U0001f600>"}
    page = (200, {"items": [row]}, {"ETag": '"1"'})
    with served(Moody, context) as url, tempfile.TemporaryDirectory() as folder:
        trusted = pathlib.Path(folder, "ca.pem")
        authority.cert_pem.write_to_path(str(trusted))

        def moody(tokens, rows, **more):
            Moody.token, Moody.rows, Moody.asked = list(tokens), list(rows), []
            arguments = {"url": url, "client_id": ID, "client_secret": SECRET, "ca_file": str(trusted), **more}
            with tempfile.TemporaryDirectory() as checkpoints:
                return run(splunkd, checkpoints, **arguments)

        code, events, said = moody([token], [page], ca_file="")
        assert (code, events) == (1, []) and "not trusted" in said and Moody.asked == [], said

        busy = [(429, None, {"Retry-After": "0"}), (503, None, {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"})]
        code, events, said = moody([*busy, token], [*busy, page])
        assert (code, events) == (0, [row]) and len(Moody.asked) == 6, said

        code, events, said = moody([token], [(503, {"title": "Down"}, {"Retry-After": "0"})])
        assert (code, events) == (1, []) and "status 503 (Down)" in said and len(Moody.asked) == 5, said

        second = (200, {"items": [row], "next": "c"}, {"ETag": '"1"'})
        code, events, said = moody([token], [second, (500, None, {"Retry-After": "0"})])
        assert (code, events) == (1, []), f"half a list was handed over: {said}"

        for odd in ((200, {"rows": []}, {}), (200, [1], {}), (200, {"items": [{"name": "x"}]}, {}), (302, None, {"Location": url})):
            code, events, said = moody([token], [odd])
            assert (code, events) == (1, []) and len(Moody.asked) == 2, said


def main():
    with served(Splunkd) as splunkd:
        for case, arguments in (
            (describes_itself, ()),
            (refuses_wrong_arguments, ()),
            (indexes_what_changed, (splunkd,)),
            (says_what_is_wrong, (splunkd,)),
            (survives_bad_days, (splunkd,)),
        ):
            case(*arguments)
            print(f"ok {case.__name__}")


main()
