"""botocore and s3transfer, which are what boto3 is made of, against an S3 endpoint, taken from the environment as in outside_clients.sh."""

import base64
import hashlib
import io
import os
import socket
import urllib.request
import zlib

import botocore.config
import botocore.session
import urllib3
from botocore.exceptions import ClientError
from s3transfer.manager import TransferConfig, TransferManager

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
BUCKET = os.environ["AWS_S3_BUCKET"]
BODY = bytes(range(256)) * 20


resolve = socket.getaddrinfo


def resolve_localhost(host, *arguments, **more):
    """RFC 6761 lets every name below localhost be this machine; not every resolver does."""
    return resolve("127.0.0.1" if host.endswith(".localhost") else host, *arguments, **more)


def client(style="path", **changes):
    config = botocore.config.Config(
        signature_version="s3v4", s3={"addressing_style": style}, retries={"total_max_attempts": 1},
        connect_timeout=10, read_timeout=30)
    options = dict(endpoint_url=ENDPOINT, config=config, region_name=os.environ["AWS_REGION"])
    options.update(changes)
    return botocore.session.Session().create_client("s3", **options)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        assert got == code, f"{call.__name__}: {got} instead of {code}"
        return
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def keys(s3, **arguments):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, **arguments)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def objects(s3):
    put = s3.put_object(Bucket=BUCKET, Key="py/a", Body=BODY, ContentType="audio/webm", Metadata={"user": "17"})
    assert put["ETag"] == f'"{hashlib.md5(BODY).hexdigest()}"'
    got = s3.get_object(Bucket=BUCKET, Key="py/a")
    assert got["Body"].read() == BODY and got["ContentType"] == "audio/webm" and got["Metadata"] == {"user": "17"}
    part = s3.get_object(Bucket=BUCKET, Key="py/a", Range="bytes=0-1")
    assert part["Body"].read() == BODY[:2] and part["ContentRange"] == f"bytes 0-1/{len(BODY)}"
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    refused("InvalidRange", s3.get_object, Bucket=BUCKET, Key="py/a", Range=f"bytes={len(BODY)}-")
    refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key="py/none")
    refused("304", s3.get_object, Bucket=BUCKET, Key="py/a", IfNoneMatch=put["ETag"])
    refused("PreconditionFailed", s3.get_object, Bucket=BUCKET, Key="py/a", IfMatch='"other"')
    refused("InvalidArgument", s3.put_object, Bucket=BUCKET, Key="py//a", Body=b"")
    refused("NotImplemented", s3.get_object_acl, Bucket=BUCKET, Key="py/a")
    refused("NotImplemented", s3.put_object, Bucket=BUCKET, Key="py/a", Body=b"", ServerSideEncryption="aws:kms")
    refused("NotImplemented", s3.put_object, Bucket=BUCKET, Key="py/a", Body=b"", StorageClass="GLACIER")
    sealed = s3.put_object(Bucket=BUCKET, Key="py/sealed", Body=b"1", ServerSideEncryption="AES256")
    assert sealed["ServerSideEncryption"] == "AES256"
    refused("BadDigest", s3.put_object, Bucket=BUCKET, Key="py/a", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")


def copies(s3):
    source = {"Bucket": BUCKET, "Key": "py/a"}
    s3.copy_object(Bucket=BUCKET, Key="py/copy é", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"})
    assert s3.head_object(Bucket=BUCKET, Key="py/copy é")["Metadata"] == {"n": "2"}
    refused("InvalidRequest", s3.copy_object, Bucket=BUCKET, Key="py/a", CopySource=source)
    refused("PreconditionFailed", s3.copy_object, Bucket=BUCKET, Key="py/b", CopySource=source,
            CopySourceIfMatch='"other"')


def listings(s3):
    names = sorted(f"list/{n:03}/é +%&<" for n in range(12))
    for name in names:
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"1")
    assert keys(s3, Prefix="list/", PaginationConfig={"PageSize": 5}) == names
    for style in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(style).paginate(
            Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 5})
        folded = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
        assert folded == [f"list/{n:03}/" for n in range(12)], (style, folded)
    gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": name} for name in names + ["bad//key"]]})
    assert sorted(entry["Key"] for entry in gone["Deleted"]) == names
    assert [entry["Code"] for entry in gone["Errors"]] == ["InvalidArgument"]
    assert keys(s3, Prefix="list/") == []


def presigned(s3):
    overrides = {"ResponseContentType": "audio/ogg", "ResponseContentDisposition": 'attachment; filename="é+ .ogg"'}
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "py/a", **overrides}, ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=30) as reply:
        assert reply.read() == BODY and reply.headers["Content-Type"] == "audio/ogg"
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "py/put"}, ExpiresIn=60)
    request = urllib.request.Request(url, data=BODY, method="PUT", headers={"Content-Type": "audio/wav"})
    assert urllib.request.urlopen(request, timeout=30).status == 200
    assert s3.head_object(Bucket=BUCKET, Key="py/put")["ContentType"] == "audio/wav"


def forms(s3):
    """An upload by a browser's form, whose policy botocore signs."""
    def post(data, changes=(), key="py/form/${filename}"):
        signed = s3.generate_presigned_post(
            BUCKET, key, Fields={"Content-Type": "audio/wav", "x-amz-meta-user": "17"},
            Conditions=[{"Content-Type": "audio/wav"}, {"x-amz-meta-user": "17"}, ["content-length-range", 1, len(BODY)]],
            ExpiresIn=60)
        fields = {**signed["fields"], **dict(changes), "file": ("one.wav", data, "audio/wav")}
        return urllib3.PoolManager().request("POST", signed["url"], fields=fields, timeout=30, retries=False).status

    assert post(BODY) == 204
    got = s3.get_object(Bucket=BUCKET, Key="py/form/one.wav")
    assert got["Body"].read() == BODY and got["ContentType"] == "audio/wav" and got["Metadata"] == {"user": "17"}
    assert post(BODY + b"1") == 400
    assert post(b"") == 400
    assert post(BODY, {"x-amz-meta-user": "18"}) == 403
    assert post(BODY, {"x-amz-meta-more": "1"}) == 403
    assert post(BODY, {"key": "py/elsewhere"}) == 403
    assert keys(s3, Prefix="py/elsewhere") == []


def tags_and_versions(s3):
    name = dict(Bucket=BUCKET, Key="py/tagged")
    s3.put_object(Body=b"1", Tagging="mood=calm&kind=a%20b", **name)
    assert s3.get_object_tagging(**name)["TagSet"] == [{"Key": "kind", "Value": "a b"}, {"Key": "mood", "Value": "calm"}]
    s3.put_object_tagging(Tagging={"TagSet": [{"Key": "a", "Value": "1"}]}, **name)
    assert s3.get_object_tagging(**name)["TagSet"] == [{"Key": "a", "Value": "1"}]
    refused("InvalidTag", s3.put_object_tagging, Tagging={"TagSet": [{"Key": "a", "Value": "*"}]}, **name)
    s3.delete_object_tagging(**name)
    assert s3.get_object_tagging(**name)["TagSet"] == []
    assert "Status" not in s3.get_bucket_versioning(Bucket=BUCKET)
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix="py/tagged")["Versions"]
    assert [(v["Key"], v["VersionId"], v["IsLatest"]) for v in versions] == [("py/tagged", "null", True)]
    assert s3.get_object(PartNumber=1, **name)["ContentRange"] == "bytes 0-0/1"
    s3.delete_object(VersionId="null", **name)
    refused("NoSuchKey", s3.get_object, **name)


def preflight(origin, method):
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "range"}
    return urllib3.PoolManager().request("OPTIONS", f"{ENDPOINT}/{BUCKET}/py/a", headers=headers, timeout=30)


def settings(s3):
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=BUCKET)
    rule = {"ID": "page", "AllowedOrigins": ["https://*.example"], "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"] == [rule]
    allowed = preflight("https://app.example", "PUT")
    assert allowed.status == 200 and allowed.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert preflight("https://app.example", "DELETE").status == 403
    refused("InvalidRequest", s3.put_bucket_cors, Bucket=BUCKET,
            CORSConfiguration={"CORSRules": [{**rule, "AllowedMethods": ["PATCH"]}]})
    s3.delete_bucket_cors(Bucket=BUCKET)
    assert preflight("https://app.example", "PUT").status == 403
    rule = {"ID": "old", "Filter": {"Prefix": "takes/"}, "Status": "Enabled", "Expiration": {"Days": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"] == [rule]
    s3.delete_bucket_lifecycle(Bucket=BUCKET)
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=BUCKET)


def checksums(s3):
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    assert s3.put_object(Bucket=BUCKET, Key="py/sum", Body=BODY, ChecksumAlgorithm="SHA256")["ChecksumSHA256"] == digest
    assert s3.put_object(Bucket=BUCKET, Key="py/sum", Body=BODY, ChecksumSHA256=digest)["ChecksumSHA256"] == digest
    refused("BadDigest", s3.put_object, Bucket=BUCKET, Key="py/sum", Body=BODY[1:], ChecksumSHA256=digest)
    refused("InvalidRequest", s3.put_object, Bucket=BUCKET, Key="py/sum", Body=BODY, ChecksumCRC32="none")
    streamed = client()
    # botocore sends a checksum behind the body over https only; this is where it decides.
    streamed.meta.events.register("before-call.s3.PutObject", lambda params, **_: params["context"]["checksum"][
        "request_algorithm"].update({"in": "trailer", "name": "x-amz-checksum-crc32"}))
    put = streamed.put_object(Bucket=BUCKET, Key="py/streamed", Body=io.BytesIO(BODY), ChecksumAlgorithm="CRC32")
    assert put["ChecksumCRC32"] == base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
    got = s3.get_object(Bucket=BUCKET, Key="py/streamed")
    assert got["Body"].read() == BODY and "ContentEncoding" not in got
    body = os.urandom(12 << 20)
    with TransferManager(s3, TransferConfig(multipart_chunksize=5 << 20)) as transfers:
        transfers.upload(io.BytesIO(body), BUCKET, "py/sums", {"ChecksumAlgorithm": "CRC32"}).result()
    assert s3.get_object(Bucket=BUCKET, Key="py/sums")["Body"].read() == body


def multipart(s3):
    """200 MB in parts that go up in parallel, and down in ranges, as boto3 does it."""
    block = os.urandom(1 << 20)
    size = 200_000_000
    body = (block * (size // len(block) + 1))[:size]
    key = "py/large"
    with TransferManager(s3, TransferConfig(multipart_chunksize=8 << 20, max_request_concurrency=6)) as transfers:
        extra = {"ContentType": "audio/wav", "Metadata": {"n": "3"}}
        transfers.upload(io.BytesIO(body), BUCKET, key, extra).result()
        head = s3.head_object(Bucket=BUCKET, Key=key)
        assert head["ContentLength"] == size and head["Metadata"] == {"n": "3"} and head["ContentType"] == "audio/wav"
        back = io.BytesIO()
        transfers.download(BUCKET, key, back).result()
        assert back.getvalue() == body
        transfers.copy({"Bucket": BUCKET, "Key": key}, BUCKET, "py/large copy").result()
    copy = s3.get_object(Bucket=BUCKET, Key="py/large copy", Range="bytes=100000000-")
    assert copy["Body"].read() == body[100_000_000:]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET, Prefix="py/")


def uploads(s3):
    names = dict(Bucket=BUCKET, Key="py/parts")
    upload = s3.create_multipart_upload(**names)["UploadId"]
    names["UploadId"] = upload
    large = os.urandom(5 << 20)
    etags = {n: s3.upload_part(PartNumber=n, Body=body, **names)["ETag"] for n, body in ((1, large), (2, b"2"), (3, b"3"))}
    pages = s3.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 2}, **names)
    assert [(p["PartNumber"], p["ETag"]) for page in pages for p in page["Parts"]] == list(etags.items())
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 1})
    assert upload in [u["UploadId"] for page in pages for u in page["Uploads"]]

    def complete(*numbers):
        parts = [{"PartNumber": n, "ETag": etags.get(n, '"none"')} for n in numbers]
        return s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **names)

    for code, numbers in (("EntityTooSmall", (2, 3)), ("InvalidPartOrder", (3, 1)), ("InvalidPart", (1, 4))):
        try:
            complete(*numbers)
        except ClientError as error:
            assert error.response["Error"]["Code"] == code, error
        else:
            raise AssertionError(f"not refused with {code}")
    complete(1, 3)
    assert s3.get_object(Bucket=BUCKET, Key="py/parts")["Body"].read() == large + b"3"
    refused("NoSuchUpload", s3.abort_multipart_upload, **names)
    names["UploadId"] = s3.create_multipart_upload(Bucket=BUCKET, Key="py/parts")["UploadId"]
    s3.abort_multipart_upload(**names)
    refused("NoSuchUpload", s3.upload_part, PartNumber=1, Body=b"", **names)


def strangers():
    refused("SignatureDoesNotMatch", client(aws_secret_access_key="wrong",
            aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"]).list_objects_v2, Bucket=BUCKET)
    refused("InvalidAccessKeyId", client(aws_secret_access_key="wrong", aws_access_key_id="NOBODY").list_buckets)
    refused("AuthorizationHeaderMalformed", client(region_name="eu-north-1").list_buckets)
    refused("InvalidToken", client(aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_session_token="t",
            aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"]).list_buckets)
    refused("NoSuchBucket", client().list_objects_v2, Bucket="another-bucket")


def main():
    socket.getaddrinfo = resolve_localhost
    s3 = client()
    assert [entry["Name"] for entry in s3.list_buckets()["Buckets"]] == [BUCKET]
    s3.head_bucket(Bucket=BUCKET)
    objects(s3)
    copies(s3)
    listings(s3)
    presigned(s3)
    forms(s3)
    settings(s3)
    tags_and_versions(s3)
    checksums(s3)
    uploads(s3)
    multipart(s3)
    port = ENDPOINT.rsplit(":", 1)[1]
    objects(client("virtual", endpoint_url=f"http://localhost:{port}"))
    strangers()
    for name in keys(s3, Prefix="py/"):
        s3.delete_object(Bucket=BUCKET, Key=name)


main()
