"""Modular input that reads the rows of a peerbench comparison and hands those that changed to Splunk.

splunkd starts it with --scheme, with --validate-arguments, or without an argument to run. It needs only Python's standard
library. The client's secret is kept in Splunk's credential store.
"""

import email.utils
import hashlib
import json
import os
import random
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

APP = "peerbench"
STORED = "stored"
KINDS = ("summary", "tactic", "technology", "family", "group", "technique")
COHORT = re.compile(r"[a-z0-9:~-]{1,200}\Z")
STANZA = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
CHECKPOINT_VERSION = 1
ATTEMPTS = 4
TIMEOUT_SECONDS = 60
LONGEST_WAIT_SECONDS = 60
LARGEST_ANSWER = 32 * 1024 * 1024

ARGUMENTS = (
    ("url", "Service", "Address of the peerbench service, without a path, such as https://peerbench.example.org", True),
    ("client_id", "Client ID", "ID of a client with the scope comparisons:read and no other", True),
    ("client_secret", "Client secret", "Moved to Splunk's credential store on the first run", False),
    ("cohort", "Peer group", "Such as sector:finance. Default: all", False),
    ("kinds", "Kinds of rows", "Separated by commas. Default: " + ",".join(KINDS), False),
    ("ca_file", "Certificates", "File with the certificates of a private certificate authority", False),
)


class Refused(Exception):
    """An error with a sentence for the administrator."""


def log(level, text):
    """Writes a line that splunkd copies to splunkd.log."""
    sys.stderr.write("%s peerbench: %s\n" % (level, text.replace("\n", " ")))
    sys.stderr.flush()


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects, so that no credential goes to another address."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


def opener(context):
    return urllib.request.build_opener(NoRedirects, urllib.request.HTTPSHandler(context=context))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError:
            raise Refused("the answer with status %d isn't JSON" % self.status)

    def reason(self):
        """The problem's title and detail, if the answer has one."""
        try:
            problem = json.loads(self.body.decode("utf-8"))
            parts = [problem.get(name) for name in ("title", "detail", "error", "error_description")]
            said = ": ".join(part for part in parts if isinstance(part, str))
        except (ValueError, AttributeError):
            said = ""
        return "status %d%s" % (self.status, " (%s)" % said if said else "")


def send(door, request):
    """Sends a request once. Raises OSError if no answer arrives."""
    try:
        with door.open(request, timeout=TIMEOUT_SECONDS) as response:
            body = response.read(LARGEST_ANSWER + 1)
            status, headers = response.status, response.headers
    except urllib.error.HTTPError as error:
        with error:
            body, status, headers = error.read(LARGEST_ANSWER + 1), error.code, error.headers
    if len(body) > LARGEST_ANSWER:
        raise Refused("the answer is larger than %d bytes" % LARGEST_ANSWER)
    return Answer(status, headers, body)


def pause(attempt, asked):
    """Seconds to wait before the next attempt: as Retry-After asks, or doubling with jitter."""
    wanted = 2 ** attempt * random.uniform(0.5, 1.0)
    if asked and asked.strip().isdigit():
        wanted = float(asked)
    elif asked:
        date = email.utils.parsedate_tz(asked)
        wanted = email.utils.mktime_tz(date) - time.time() if date else wanted
    return min(max(wanted, 0.0), LONGEST_WAIT_SECONDS)


def patiently(door, request):
    """Sends a request and tries again after 429, 5xx and broken connections."""
    for attempt in range(ATTEMPTS):
        last = attempt + 1 == ATTEMPTS
        try:
            answer = send(door, request)
        except (OSError, EOFError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise Refused("the certificate of %s is not trusted: %s" % (request.host, reason.verify_message))
            if last:
                raise Refused("no answer from %s after %d attempts: %s" % (request.host, ATTEMPTS, reason))
            time.sleep(pause(attempt, None))
            continue
        if last or (answer.status != 429 and answer.status < 500):
            return answer
        time.sleep(pause(attempt, answer.headers.get("Retry-After")))
    raise AssertionError("the last attempt returns or raises")


class Settings:
    """The arguments of one stanza, checked."""

    def __init__(self, name, values):
        values = {key: value.strip() for key, value in values.items() if value}
        self.stanza = name.split("://", 1)[-1]
        self.name = "%s://%s" % (APP, self.stanza)
        self.url = checked_url(values.get("url", ""))
        self.client_id = values.get("client_id", "")
        self.secret = values.get("client_secret", "")
        self.cohort = values.get("cohort", "all")
        self.kinds = [kind.strip() for kind in values.get("kinds", ",".join(KINDS)).split(",") if kind.strip()]
        self.ca_file = values.get("ca_file")
        if not STANZA.match(self.stanza):
            raise Refused("the input's name may have letters, digits, - and _ only")
        if not self.client_id:
            raise Refused("client_id is missing: create a client with the scope comparisons:read and enter its ID")
        if not COHORT.match(self.cohort):
            raise Refused("cohort is not the ID of a peer group, such as all or sector:finance")
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or not self.kinds:
            raise Refused("kinds must be some of %s, not '%s'" % (", ".join(KINDS), ", ".join(unknown)))

    def question(self):
        """A digest of what is asked. A checkpoint of another question doesn't count."""
        asked = [self.url, self.client_id, self.cohort, self.kinds]
        return hashlib.sha256(json.dumps(asked).encode("utf-8")).hexdigest()


def checked_url(text):
    parts = urllib.parse.urlsplit(text.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("url must be the address of the service, such as https://peerbench.example.org")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Refused("url must start with https://: without TLS the secret and the comparison could be read on the way")
    if parts.username or parts.password or parts.path or parts.query or parts.fragment:
        raise Refused("url must have no user, path, query or fragment")
    return parts.geturl()


class Splunk:
    """The REST interface of the splunkd that started this input."""

    def __init__(self, uri, session_key):
        self.uri, self.session_key = uri.rstrip("/"), session_key
        context = ssl.create_default_context()
        if urllib.parse.urlsplit(self.uri).hostname in LOOPBACK:
            # splunkd's own certificate names no host, and the request doesn't leave this machine.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.door = urllib.request.build_opener(
            NoRedirects, urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def call(self, path, fields=None):
        url = "%s/servicesNS/nobody/%s/%s" % (self.uri, APP, path)
        data = urllib.parse.urlencode(fields).encode("ascii") if fields else None
        request = urllib.request.Request(url, data, {"Authorization": "Splunk " + self.session_key})
        try:
            return send(self.door, request)
        except OSError as error:
            raise Refused("splunkd at %s doesn't answer: %s" % (self.uri, error))

    def keep(self, settings):
        """Moves a secret from the stanza to the credential store."""
        entry = "storage/passwords/%s" % urllib.parse.quote("%s:%s:" % (APP, settings.stanza), safe="")
        answer = self.call("storage/passwords", {"name": settings.stanza, "realm": APP, "password": settings.secret})
        if answer.status == 409:
            answer = self.call(entry, {"password": settings.secret})
        if answer.status not in (200, 201):
            raise Refused("the secret can't be stored in Splunk's credential store: %s" % answer.reason())
        answer = self.call("data/inputs/%s/%s" % (APP, settings.stanza), {"client_secret": STORED})
        if answer.status != 200:
            log("WARN", "client_secret of %s is stored, but can't be blanked: %s. Replace it by '%s'."
                % (settings.name, answer.reason(), STORED))

    def secret(self, settings):
        """The secret of a stanza, from the credential store."""
        if settings.secret and settings.secret != STORED:
            self.keep(settings)
            return settings.secret
        entry = urllib.parse.quote("%s:%s:" % (APP, settings.stanza), safe="")
        answer = self.call("storage/passwords/%s?output_mode=json" % entry)
        if answer.status == 404:
            raise Refused("client_secret is missing: enter the secret of the client %s" % settings.client_id)
        if answer.status != 200:
            raise Refused("the credential store can't be read: %s" % answer.reason())
        try:
            return answer.json()["entry"][0]["content"]["clear_password"]
        except (KeyError, IndexError, TypeError):
            raise Refused("the credential store has no password for %s" % settings.name)


class Service:
    """The peerbench service, as the client of the settings."""

    def __init__(self, settings, secret):
        self.settings, self.bearer = settings, None
        self.door = opener(ssl.create_default_context(cafile=settings.ca_file))
        self.credentials = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": secret,
            "scope": "comparisons:read",
        }

    def sign_in(self):
        data = urllib.parse.urlencode(self.credentials).encode("ascii")
        answer = patiently(self.door, urllib.request.Request(self.settings.url + "/oauth/token", data))
        if answer.status != 200:
            raise Refused("%s gives no token: %s" % (self.settings.url, answer.reason()))
        token = answer.json().get("access_token")
        if not isinstance(token, str):
            raise Refused("the answer of %s/oauth/token has no access_token" % self.settings.url)
        self.bearer = token

    def page(self, path, etag=None):
        """A page of rows, or None if it is the one with this ETag."""
        headers = {"Authorization": "Bearer " + self.bearer, "Accept": "application/json"}
        if etag:
            headers["If-None-Match"] = etag
        answer = patiently(self.door, urllib.request.Request(self.settings.url + path, headers=headers))
        if answer.status == 304 and etag:
            return None
        if answer.status != 200:
            raise Refused("%s%s: %s" % (self.settings.url, path, answer.reason()))
        page = answer.json()
        rows = page.get("items") if isinstance(page, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "row_key" in row for row in rows):
            raise Refused("the answer of %s is no list of rows" % path)
        return rows, page.get("next"), answer.headers.get("ETag")

    def path(self, cursor):
        query = [("kind", ",".join(self.settings.kinds)), ("cohort", self.settings.cohort), ("limit", "1000")]
        if cursor:
            query.append(("cursor", cursor))
        return "/v1/console/rows?" + urllib.parse.urlencode(query)

    def rows(self, known):
        """All rows and the pages that they came on; no rows if no known page changed."""
        if known and all(self.page(path, etag) is None for path, etag in known):
            return [], known
        rows, pages, cursor = [], [], None
        while True:
            path = self.path(cursor)
            more, cursor, etag = self.page(path)
            rows.extend(more)
            pages.append([path, etag])
            if not cursor:
                return rows, pages if all(etag for _, etag in pages) else []


class Checkpoint:
    """The pages that were handed over, in splunkd's checkpoint folder."""

    def __init__(self, folder, settings):
        self.file = os.path.join(folder, settings.stanza + ".json")
        self.question = settings.question()

    def read(self):
        try:
            with open(self.file, encoding="utf-8") as stored:
                state = json.load(stored)
            version = state["version"]
            if version != CHECKPOINT_VERSION:
                raise Refused("the checkpoint %s is of version %s, and this app knows %d: update the app, or delete the "
                              "file to index all rows again" % (self.file, version, CHECKPOINT_VERSION))
            pages = [(path, etag) for path, etag in state["pages"]]
            return pages if state["question"] == self.question else []
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError, AttributeError):
            log("WARN", "the checkpoint %s can't be read: all rows are indexed again" % self.file)
            return []

    def write(self, pages):
        """Replaces the file as a whole, so that a crash leaves the old or the new one."""
        state = {"version": CHECKPOINT_VERSION, "question": self.question, "pages": pages}
        beside = self.file + ".new"
        with open(beside, "w", encoding="utf-8") as stored:
            json.dump(state, stored)
            stored.flush()
            os.fsync(stored.fileno())
        os.replace(beside, self.file)


def hand_over(settings, rows, out):
    """Prints rows as events of Splunk's XML stream."""
    now = "%.3f" % time.time()
    host = urllib.parse.urlsplit(settings.url).hostname
    for row in rows:
        event = json.dumps(row, separators=(",", ":"), sort_keys=True)
        out.write("<event stanza=%s><time>%s</time><data>%s</data><source>%s</source><host>%s</host></event>\n"
                  % (quoteattr(settings.name), now, escape(event), escape(settings.name), escape(host)))


def run(document, out):
    """Reads what changed and prints it; the checkpoint follows only then."""
    splunk = Splunk(text_of(document, "server_uri"), text_of(document, "session_key"))
    folder = text_of(document, "checkpoint_dir")
    failed = False
    out.write("<stream>\n")
    for stanza in document.iter("stanza"):
        name = stanza.get("name", "")
        try:
            settings = Settings(name, parameters(stanza))
            checkpoint = Checkpoint(folder, settings)
            known = checkpoint.read()
            service = Service(settings, splunk.secret(settings))
            service.sign_in()
            rows, pages = service.rows(known)
            hand_over(settings, rows, out)
            out.flush()
            checkpoint.write(pages)
            log("INFO", "%s: %d rows handed over" % (name, len(rows)))
        except (Refused, OSError) as error:
            failed = True
            log("ERROR", "%s: %s" % (name, error))
    out.write("</stream>\n")
    out.flush()
    return 1 if failed else 0


def text_of(document, tag):
    found = document.findtext(tag)
    if not found:
        raise Refused("splunkd sent no <%s>" % tag)
    return found


def parameters(stanza):
    return {param.get("name"): param.text or "" for param in stanza.iter("param")}


def validate(document, out):
    """Checks the arguments that somebody enters, before Splunk stores them."""
    item = document.find("item")
    try:
        if item is None:
            raise Refused("splunkd sent no <item>")
        Settings(item.get("name", ""), parameters(item))
    except Refused as error:
        out.write("<error><message>%s</message></error>\n" % escape(str(error)))
        return 1
    return 0


def scheme(out):
    """Describes the input to splunkd."""
    out.write("<scheme><title>Peerbench</title><description>Reads how your detection coverage compares with that of your "
              "peers.</description><use_external_validation>true</use_external_validation>"
              "<streaming_mode>xml</streaming_mode><use_single_instance>false</use_single_instance><endpoint><args>")
    for name, title, description, required in ARGUMENTS:
        needed = "true" if required else "false"
        out.write("<arg name=%s><title>%s</title><description>%s</description><data_type>string</data_type>"
                  "<required_on_create>%s</required_on_create><required_on_edit>false</required_on_edit></arg>"
                  % (quoteattr(name), escape(title), escape(description), needed))
    out.write("</args></endpoint></scheme>\n")


def main(arguments):
    if arguments == ["--scheme"]:
        scheme(sys.stdout)
        return 0
    try:
        document = ElementTree.fromstring(sys.stdin.read())
        if arguments == ["--validate-arguments"]:
            return validate(document, sys.stdout)
        if not arguments:
            return run(document, sys.stdout)
    except (ElementTree.ParseError, Refused) as error:
        log("ERROR", str(error))
        return 1
    log("ERROR", "unknown arguments: %s" % " ".join(arguments))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
