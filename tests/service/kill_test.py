#!/usr/bin/env python3
"""kill -9 of audio-service at random moments during uploads: afterwards what was acknowledged plays, every recording that
is shown plays, and every object has its row or is listed by `reconcile`.   kill_test.py PROGRAM [UPLOADS]"""
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time

from service_under_test import Service, form, make_wav, send


class Uploads:
    """What was sent, and what of it was acknowledged."""

    def __init__(self, token, project, count):
        self.headers = {"Authorization": f"Bearer {token}"}
        self.project, self.left = project, [f"r{i}" for i in range(count)]
        self.takes = {recording: make_wav(2000 + 700 * i, 50 + i) for i, recording in enumerate(self.left)}
        self.acknowledged, self.deleted, self.refused, self.lock = set(), set(), [], threading.Lock()

    def next(self):
        with self.lock:
            return self.left.pop() if self.left else None

    def note(self, done, recording, answer):
        with self.lock:
            if answer.status == 200:
                done.add(recording)
            else:
                self.refused.append((recording, answer.status, answer.body))

    def upload(self, service, recording):
        body, kind = form([("projectId", self.project), ("recordingId", recording)], self.takes[recording])
        return send(service.origin, "POST", "/api/audio/upload", body, {**self.headers, "Content-Type": kind})

    def upload_directly(self, service, recording):
        wanted = {"projectId": self.project, "recordingId": recording, "size": len(self.takes[recording]), "contentType": "audio/wav"}
        ticket = send(service.origin, "POST", "/api/audio/ticket", json.dumps(wanted).encode(), self.headers).json["ticket"]
        body, kind = form(ticket["fields"], self.takes[recording])
        origin, bucket = ticket["url"].rsplit("/", 1)
        send(origin, "POST", "/" + bucket, body, {"Content-Type": kind})
        return send(service.origin, "POST", f"/api/audio/ticket/{ticket['id']}/complete", b"{}", self.headers)

    def work(self, service):
        """Until the service is gone, or all was sent: by either way; every fifth is deleted again."""
        while (recording := self.next()) is not None:
            number = int(recording[1:])
            way = self.upload_directly if number % 2 else self.upload
            try:
                self.note(self.acknowledged, recording, way(service, recording))
                if number % 5 == 0:
                    body = json.dumps({"recordingId": recording}).encode()
                    self.note(self.deleted, recording, send(service.origin, "DELETE", "/api/audio/delete", body, self.headers))
            except (OSError, http.client.HTTPException, ValueError):
                return


def run_and_kill(service, uploads, delay):
    workers = [threading.Thread(target=uploads.work, args=(service,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    time.sleep(delay)
    service.kill()
    for worker in workers:
        worker.join()


def check_what_is_shown(service, uploads):
    listed = send(service.origin, "GET", f"/api/projects/{uploads.project}/recordings", headers=uploads.headers).json["recordings"]
    for row in listed:
        link = send(service.origin, "GET", f"/api/audio/url?recordingId={row['recordingId']}", headers=uploads.headers).json["url"]
        origin, path = link.split("/audiostore/", 1)
        played = send(origin, "GET", "/audiostore/" + path)
        assert played.status == 200 and played.body == uploads.takes[row["recordingId"]], f"{row} does not play"
    shown = {row["recordingId"] for row in listed}
    # A deletion that was cut off has begun all the same: what it was about may be gone.
    cut_off = {recording for recording in uploads.acknowledged if int(recording[1:]) % 5 == 0} - uploads.deleted
    lost = uploads.acknowledged - uploads.deleted - cut_off - shown
    assert not lost, f"acknowledged, and not there: {lost}"
    assert not uploads.deleted & shown, f"deleted, and still there: {uploads.deleted & shown}"
    return listed


def objects_of(service):
    root = service.data / "objects"
    return {str(file.relative_to(root)).removesuffix("%o") for file in root.rglob("*")
            if file.is_file() and not file.is_relative_to(root / ".audiostore")}


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seed = int(os.environ.get("AUDIOSTORE_TEST_SEED") or random.SystemRandom().randrange(2**32))
    print(f"seed {seed}")
    chance = random.Random(seed)
    service = Service(program, "--quiet")
    token = service.__enter__().add_user("alice")
    made = send(service.origin, "POST", "/api/projects", b'{"name":"p"}', {"Authorization": f"Bearer {token}"})
    uploads = Uploads(token, made.json["project"]["id"], count)
    kills = 0
    while uploads.left:
        run_and_kill(service, uploads, chance.uniform(0.005, 0.25))
        kills += 1
        service.__enter__()
    listed = check_what_is_shown(service, uploads)
    service.__exit__()

    done = subprocess.run(service.command("reconcile", "--no-service-runs"), capture_output=True, text=True, check=False)
    print(done.stdout.strip())
    assert done.returncode in (0, 3) and "row without an object" not in done.stdout, done
    orphans = {line.split(": ", 1)[1] for line in done.stdout.splitlines() if line.startswith("object without a row: ")}
    assert service.execute("SELECT count(*) FROM recordings WHERE state <> 'stored'") == [(0,)]
    rows = {key for (key,) in service.execute("SELECT object_key FROM recordings")}
    staged = {"staging/" + ticket for (ticket,) in service.execute("SELECT id FROM tickets")}
    assert rows <= objects_of(service), f"rows without an object: {rows - objects_of(service)}"
    assert objects_of(service) - staged - rows == orphans, f"unknown: {objects_of(service) - rows - orphans}"
    assert not uploads.refused, uploads.refused
    print(f"{kills} kills in {count} uploads: {len(uploads.acknowledged)} acknowledged, {len(uploads.deleted)} of them deleted, "
          f"{len(listed)} shown, {len(rows)} after reconciling, {len(orphans)} orphans")


if __name__ == "__main__":
    main()
