#!/usr/bin/env python3
"""Compares our signatures with botocore's on random requests.

    compare_with_botocore.py SIGN_REQUESTS [COUNT [SEED]]

SIGN_REQUESTS is the test program that signs what it reads. Keys, queries, headers, tokens, regions and clocks are
random and nasty; half of the requests are presigned, and some are forms for a browser. Exits with 1 at the first
difference and prints the seed.
"""
import base64
import datetime
import json
import random
import subprocess
import sys
import types
from urllib.parse import parse_qsl, quote, urlsplit

import botocore.auth
import botocore.session
import botocore.signers
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

NASTY = list("aZ09-._~ +%=&?#:;@!$'()*,\\\"<>[]{}|^`") + ["é", "e\u0301", "漢", "🎙", "\u200b", "%2F", "%25", "..a", "/x", "/ "]
ENDPOINTS = [
    ("https://s3.eu-west-1.amazonaws.com", True), ("https://acc.r2.cloudflarestorage.com", False),
    ("https://ref.storage.supabase.co/storage/v1/s3", False), ("http://127.0.0.1:9000", False),
    ("http://localhost:80", False), ("https://host.example:8443", True), ("https://host.example:443", False),
]


def nasty_text(rng, longest):
    return "".join(rng.choice(NASTY) for _ in range(rng.randint(1, longest)))


def nasty_key(rng):
    while True:
        key = nasty_text(rng, 20)
        segments = key.split("/")
        if all(s and s not in (".", "..") for s in segments) and len(key.encode()) <= 1024:
            return key


def random_case(rng):
    endpoint, in_host = rng.choice(ENDPOINTS)
    when = datetime.datetime(rng.randint(2000, 2099), rng.randint(1, 12), rng.randint(1, 28),
                             rng.choice([0, 12, 23]), rng.choice([0, 59]), rng.choice([0, 59]))
    names = rng.sample(["prefix", "partNumber", "uploadId", "versionId", "response-content-type", "a b", "Z", "x-id", "é", "A/B"],
                       rng.randint(0, 4))
    headers = rng.sample(["Content-Type", "x-amz-meta-a", "X-Amz-Meta-B", "Content-MD5", "x-amz-storage-class", "Range"], rng.randint(0, 4))
    case = {
        "method": rng.choice(["GET", "PUT", "HEAD", "DELETE", "POST"]),
        "endpoint": endpoint, "in_host": in_host, "bucket": rng.choice(["takes", "my-takes-2"]),
        "key": nasty_key(rng),
        "query": [[name, nasty_text(rng, 8) if rng.random() < 0.8 else ""] for name in names],
        "headers": [[name, rng.choice(["audio/webm;codecs=opus", "  a   b ", "x", "a,b", 'say "a  b"'])] for name in headers],
        "body": nasty_text(rng, 30),
        "access_key": rng.choice(["AKIAIOSFODNN7EXAMPLE", "live:ci", "k/e+y="]),
        "secret_key": rng.choice(["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "f" * 64, "short"]),
        "token": rng.choice(["", "FwoGZXIvYXdzE+/=" * rng.randint(1, 40)]),
        "region": rng.choice(["us-east-1", "auto", "eu-central-1"]),
        "time": when.strftime("%Y%m%dT%H%M%SZ"),
    }
    if rng.random() < 0.5:
        case["expires"] = rng.choice([1, 3600, 604800])
    elif rng.random() < 0.05:  # making botocore's client takes its time
        case["post"] = random_form(rng)
    return case


def random_form(rng):
    names = rng.sample(["x-amz-meta-a", "Cache-Control", "acl", "x-amz-storage-class"], rng.randint(0, 3))
    return {
        "key": nasty_key(rng).replace("$", "S") + "x" + rng.choice(["", "/"]),
        "min_bytes": rng.choice([0, 1, 1000]), "max_bytes": rng.choice([1000, 2**40]),
        "content_type": rng.choice(["", "audio/", "audio/webm;codecs=opus"]),
        "headers": [[name, rng.choice(["a,b", 'say "a\\b"', "x"])] for name in names],
        "expires": rng.choice([1, 3600, 604800]),
    }


def encoded_url(case):
    parts = urlsplit(case["endpoint"])
    default_port = {"https": 443, "http": 80}[parts.scheme]
    host = parts.hostname + ("" if parts.port in (None, default_port) else f":{parts.port}")
    path = parts.path
    if case["in_host"]:
        host = f"{case['bucket']}.{host}"
    else:
        path += "/" + case["bucket"]
    path += "/" + quote(case["key"], safe="/~")
    query = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in case["query"])
    return f"{parts.scheme}://{host}{path}" + ("?" + query if query else "")


def freeze_botocore(case):
    now = datetime.datetime.strptime(case["time"], "%Y%m%dT%H%M%SZ")
    frozen = type("Frozen", (datetime.datetime,), {"utcnow": classmethod(lambda cls: now)})
    botocore.auth.datetime = types.SimpleNamespace(datetime=frozen)
    botocore.signers.datetime = types.SimpleNamespace(datetime=frozen, timedelta=datetime.timedelta)


SESSION = botocore.session.get_session()


def expected_form(case):
    freeze_botocore(case)
    style = "virtual" if case["in_host"] else "path"
    client = SESSION.create_client(
        "s3", region_name=case["region"], endpoint_url=case["endpoint"],
        config=Config(signature_version="s3v4", s3={"addressing_style": style}),
        aws_access_key_id=case["access_key"], aws_secret_access_key=case["secret_key"], aws_session_token=case["token"] or None)
    post = case["post"]
    fields = dict(post["headers"], success_action_status="201")
    conditions = [{name: value} for name, value in fields.items()]
    conditions.append(["content-length-range", post["min_bytes"], post["max_bytes"]])
    if post["content_type"].endswith("/"):
        conditions.append(["starts-with", "$Content-Type", post["content_type"]])
    elif post["content_type"]:
        fields["Content-Type"] = post["content_type"]
        conditions.append({"Content-Type": post["content_type"]})
    key = post["key"] + ("${filename}" if post["key"].endswith("/") else "")
    return client.generate_presigned_post(case["bucket"], key, fields, conditions, post["expires"])


def same_form(case, ours):
    """The policies may be in another order, so ours is compared by what it says, and signed anew by botocore."""
    theirs = expected_form(case)
    ours = json.loads(ours)
    policies = [json.loads(base64.b64decode(form["fields"].pop("policy").encode())) for form in (dict(ours, fields=dict(ours["fields"])), theirs)]
    for policy in policies:
        policy["expiration"] = policy["expiration"].replace(".000Z", "Z")
        policy["conditions"].sort(key=json.dumps)
    credentials = Credentials(case["access_key"], case["secret_key"], case["token"] or None)
    request = AWSRequest(method="POST", url=theirs["url"])
    request.context["timestamp"] = case["time"]
    signature = botocore.auth.S3SigV4PostAuth(credentials, "s3", case["region"]).signature(ours["fields"].pop("policy"), request)
    same_place = ours["url"].rstrip("/") == theirs["url"].replace(":80/", "/").replace(":443/", "/").rstrip("/")
    theirs["fields"]["x-amz-signature"] = signature
    return same_place and policies[0] == policies[1] and ours["fields"] == theirs["fields"]


def expected(case):
    freeze_botocore(case)
    request = AWSRequest(method=case["method"], url=encoded_url(case), data=b"" if "expires" in case else case["body"].encode())
    for name, value in case["headers"]:
        request.headers[name] = value
    credentials = Credentials(case["access_key"], case["secret_key"], case["token"] or None)
    if "expires" in case:
        S3SigV4QueryAuth(credentials, "s3", case["region"], expires=case["expires"]).add_auth(request)
        return request.url
    S3SigV4Auth(credentials, "s3", case["region"]).add_auth(request)
    return request.headers["Authorization"]


def same(ours, theirs):
    if not theirs.startswith("http"):
        return ours == theirs
    a, b = urlsplit(ours), urlsplit(theirs)
    return a[:3] == b[:3] and sorted(parse_qsl(a.query, True, True)) == sorted(parse_qsl(b.query, True, True))


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)
    cases = [random_case(rng) for _ in range(count)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    ours = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=300).stdout.splitlines()
    assert len(ours) == count, f"{len(ours)} answers to {count} requests (seed {seed})"
    for case, answer in zip(cases, ours):
        theirs = expected_form(case) if "post" in case else expected(case)
        if not (same_form(case, answer) if "post" in case else same(answer, theirs)):
            print(f"seed {seed}\n{json.dumps(case, indent=1)}\nours   {answer}\ntheirs {theirs}")
            sys.exit(1)
    print(f"{count} signatures equal botocore's (seed {seed})")


main()
