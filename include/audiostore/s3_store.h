// Objects in S3-compatible object storage.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/environment.h>
#include <audiostore/http.h>
#include <audiostore/object_store.h>
#include <audiostore/presigned_post.h>
#include <audiostore/request_metrics.h>
#include <audiostore/retry.h>
#include <audiostore/s3_bucket.h>
#include <audiostore/s3_encryption.h>
#include <audiostore/s3_uploads.h>
#include <audiostore/transfer.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Whose service it is. What they do differently is one table inside the library.
enum class S3Provider { aws, r2, supabase, minio, ceph, b2, wasabi, spaces, gcs, local, other };

/// Where the bucket's name goes in a URL.
enum class AddressingStyle {
  automatic,     ///< what suits the provider, the endpoint and the bucket
  path,          ///< https://endpoint/bucket/key
  virtual_host,  ///< https://bucket.endpoint/key
};

/// What vouches for a request's body.
enum class PayloadSigning {
  sha256,             ///< its SHA-256 is signed; the server refuses other bytes. The payload is read twice.
  unsigned_over_tls,  ///< UNSIGNED-PAYLOAD: TLS protects it, and UploadChecksum. Refused for http endpoints.
};

/// The checksum that goes with an upload besides the signature, for the service to check and keep.
enum class UploadChecksum {
  automatic,  ///< none where the payload's SHA-256 is signed; else the cheapest that the provider is known to check
  none,
  crc32c,     ///< Amazon S3, MinIO, LocalEndpoint
  crc64nvme,  ///< Amazon S3, Cloudflare R2, LocalEndpoint
};

/// Whose SHA-256 is stored with it, as audiostore-sha256 in its metadata, so that whoever reads the object can verify
/// it, whatever the provider does. It takes 81 of the 2,048 bytes of metadata, and is left out where they are not free.
enum class StoreSha256 {
  never,
  if_computed,  ///< what is put in one signed request
  always,       ///< every put; in parts or unsigned the payload is read once more. Not what a writer() writes.
};

struct S3Options {
  std::string bucket;  ///< required
  /// Required, e.g. static_credentials. make_default_credentials has to be given the same endpoint, so that it does not
  /// ask AWS's instance metadata for another service's credentials.
  std::shared_ptr<CredentialsProvider> credentials;
  std::string region = {};    ///< empty for the provider's own default (AWS has none: then it is required)
  std::string endpoint = {};  ///< "https://host[:port][/prefix]"; empty for AWS's of the region
  std::optional<S3Provider> provider = {};  ///< absent: recognised by the endpoint's host
  AddressingStyle addressing = AddressingStyle::automatic;
  PayloadSigning payload_signing = PayloadSigning::sha256;
  /// unsupported where the provider is not known to check it. Parts have it on Amazon S3 only.
  UploadChecksum upload_checksum = UploadChecksum::automatic;
  StoreSha256 store_sha256 = StoreSha256::if_computed;
  /// For every object that is put or copied; a service that takes the object but does not say that it is encrypted so
  /// is an error. unsupported where the provider does not have it; SseC also for http endpoints.
  S3Encryption encryption = {};
  TransferOptions transfer = {};
  RetryOptions retry = {};
  bool allow_http = false;                        ///< http:// is for loopback addresses only, unless this is set
  std::shared_ptr<HttpTransport> transport = {};  ///< absent: make_curl_transport()
  std::shared_ptr<const Clock> clock = system_clock();
  RequestObserver on_request = {};  ///< told of every attempt
  /// Who is asking, for the service's logs: one or more products, "my-app/1.2 linux"; behind the library's own in
  /// User-Agent. At most 128 characters.
  std::string user_agent_suffix = {};

  // What each service needs to be found, under the names that its own pages use. Add credentials. Nothing is checked
  // here: make_s3_store() refuses a part that makes no host name.
  static S3Options aws(std::string_view region, std::string_view bucket);
  /// `jurisdiction`: "" for none, "eu", "fedramp".
  static S3Options r2(std::string_view account_id, std::string_view bucket, std::string_view jurisdiction = "");
  /// `project_ref` is the first label of the project's URL, `region` the project's, e.g. "eu-central-1".
  static S3Options supabase(std::string_view project_ref, std::string_view bucket, std::string_view region);
  static S3Options b2(std::string_view region, std::string_view bucket);      ///< "us-west-004"
  static S3Options wasabi(std::string_view region, std::string_view bucket);  ///< "eu-central-2"
  static S3Options spaces(std::string_view region, std::string_view bucket);  ///< "fra1"
  static S3Options gcs(std::string_view bucket);                              ///< with HMAC keys
  static S3Options minio(std::string_view endpoint, std::string_view bucket);
  static S3Options ceph(std::string_view endpoint, std::string_view bucket);
};

/// What a provider has beyond Capabilities; what it does not have is `unsupported`, by its name.
struct S3Features {
  bool presigned_post = false;  ///< presign_post()
  /// Known to obey x-amz-* header fields that a presigned PUT did not sign: who has such a URL can put
  /// `x-amz-copy-source` beside it and copy what the signer may read. Give forms to those you do not trust, or sign
  /// with keys that read nothing.
  bool obeys_unsigned_fields = false;
  bool cors = false;           ///< S3Bucket::cors, set_cors
  bool lifecycle = false;      ///< S3Bucket::lifecycle, set_lifecycle
  bool versions = false;       ///< S3Bucket::list_versions, remove_version
  bool removal_hides = false;  ///< what is removed stays as a hidden version, whatever the bucket's settings
};

/// A part of a multipart upload for somebody without credentials to send, e.g. a browser.
struct PresignPartRequest {
  ObjectKey key;
  std::string upload_id;
  int part_number = 1;  ///< 1 to 10,000
  /// How long the URL is good for: 1 second to 7 days, and never past the credentials' own expiry.
  std::chrono::seconds expires_in = std::chrono::hours(1);
  Headers signed_headers = {};  ///< header fields that the sender must send exactly so, e.g. Content-Length
};

/// A store over one bucket, with what only S3 has. Thread-safe, as every ObjectStore.
class S3Store : public ObjectStore {
 public:
  [[nodiscard]] virtual S3Features features() const = 0;

  /// Signs the PUT of one part. Pure and offline: whether the upload exists is not looked at. Errors: as of presign().
  Result<SignedRequest> presign_part(const PresignPartRequest& request);

  /// Signs a form for a browser. Pure and offline. Errors: invalid_argument, naming what of the request is wrong;
  /// unauthenticated, unsupported.
  Result<PostForm> presign_post(const PostRequest& request);

  /// The bucket's own settings. The result must not outlive the store.
  [[nodiscard]] S3Bucket bucket() { return S3Bucket(client()); }

  /// Uploads in parts that others send. The result must not outlive the store.
  [[nodiscard]] S3Uploads uploads() { return {client(), transfer(), capabilities()}; }

 private:
  virtual S3Client& client() = 0;
  [[nodiscard]] virtual const TransferOptions& transfer() const = 0;
};

/// A store over one bucket. Nothing is sent: bucket, endpoint and options are checked, the network is not touched.
/// Objects above TransferOptions::multipart_threshold go up in parts, several at a time.
///
/// A call that fails for a reason that passes is repeated as `retry` says, within the call's deadline;
/// Error::attempts() counts the requests. A get that breaks off goes on behind the last byte that was delivered, as
/// long as the object is the same (If-Match), else precondition_failed; each time that it got on, the attempts are
/// counted anew. The bucket's region and S3's own hosts, the service's time, and that
/// credentials have ended are learnt from replies; nothing is ever sent to a host of anybody else. What PutMode::create
/// stores carries a field of metadata, audiostore-upload, by which a put whose reply was lost knows its own object.
/// ObjectInfo's attributes show neither it nor audiostore-sha256, which is in its digests; a copy with new attributes
/// loses both. Errors: invalid_argument, naming what is missing or wrong.
Result<std::unique_ptr<S3Store>> make_s3_store(S3Options options);

/// Options from the variables that people already have: AWS_REGION (or AWS_DEFAULT_REGION), AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_S3_BUCKET, and as endpoint the first of AWS_ENDPOINT_URL_S3,
/// AWS_ENDPOINT_URL and R2_ENDPOINT. Where there are no keys, but one of AWS_PROFILE, AWS_WEB_IDENTITY_TOKEN_FILE and
/// AWS_CONTAINER_CREDENTIALS_{RELATIVE,FULL}_URI, the credentials are those of make_default_credentials, which keeps
/// `lookup`.
/// Errors: invalid_argument, naming every variable that is missing.
Result<S3Options> s3_options_from_environment(const EnvironmentLookup& lookup = process_environment);

}  // namespace audiostore
