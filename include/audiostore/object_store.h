// The interface of everything that keeps objects: memory, a directory, S3.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>
#include <audiostore/object_key.h>
#include <audiostore/object_writer.h>
#include <audiostore/transfer.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// User metadata, stored with an object and given back with it. Names are lower-case ASCII letters, digits and '-';
/// values printable ASCII without leading or trailing blanks; all together at most 2,048 bytes (S3's limit).
using Metadata = std::map<std::string, std::string>;

/// Labels of an object by which rules (lifecycle, billing, access) choose it; unlike metadata they can be changed in
/// place. At most 10. Names have 1 to 128 characters and do not begin with "aws:", values have at most 256, as UTF-16
/// counts; both are valid UTF-8 without blanks at the ends, of ASCII only letters, digits, blanks and + - = . _ : / @
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html).
using Tags = std::map<std::string, std::string>;

/// What is stored beside the bytes. Empty fields are not stored.
struct ObjectAttributes {
  std::string content_type = "application/octet-stream";
  std::string content_disposition = {};
  std::string cache_control = {};
  Metadata metadata = {};

  friend bool operator==(const ObjectAttributes&, const ObjectAttributes&) = default;
};

/// Conditions on an object that is read (RFC 9110, section 13). ETags are opaque, quoted as the store gave them;
/// "*" in if_match or if_none_match stands for any object.
struct Conditions {
  std::string if_match = {};                          ///< else precondition_failed
  std::string if_none_match = {};                     ///< else not_modified
  std::optional<TimePoint> if_modified_since = {};    ///< whole seconds; else not_modified
  std::optional<TimePoint> if_unmodified_since = {};  ///< whole seconds; else precondition_failed
};

enum class PutMode {
  overwrite,  ///< replace what is there
  create,     ///< fail with already_exists if there is an object; one winner among all writers
};

struct PutOptions {
  ObjectAttributes attributes = {};
  PutMode mode = PutMode::overwrite;
  /// Replace only the object with this ETag, as the store gave it; else, and where there is no object,
  /// precondition_failed. Not together with PutMode::create. unsupported where the store cannot tell.
  std::string if_match = {};
  Tags tags = {};                  ///< unsupported where the store has none
  std::string storage_class = {};  ///< "" for the store's default; unsupported where the store has only that
  /// Told how far an upload in parts is, so that it can be resumed after a failure or a restart: with it, a put that
  /// fails or is stopped leaves its parts at the service, which may charge for them (see list_uploads()); but not where
  /// PutMode::create has lost. Never called where the object goes up in one request.
  CheckpointCallback on_checkpoint = {};
  /// An upload to go on with, with its attributes: parts that the service has, and whose bytes are still the payload's,
  /// are not sent again. One that is gone begins anew, unless it has ended with just this object. A put that fails
  /// leaves it as it is. For put() only, also of what a writer's checkpoint is of.
  std::optional<UploadCheckpoint> resume_from = {};
  CallOptions call = {};
};

struct GetOptions {
  std::optional<ByteRange> range = {};
  Conditions conditions = {};
  bool verify = true;  ///< hold a whole object against the digest that is known of it
  CallOptions call = {};
};

struct DownloadOptions {
  Conditions conditions = {};
  std::uint64_t part_size = std::uint64_t{8} << 20;  ///< bytes asked for at once; objects up to this cost one request
  int parts_in_flight = 4;                           ///< threads that read parts of a longer object, 1 to 64
  bool verify = true;                                ///< hold the file against the digest that is known of the object
  CallOptions call = {};                             ///< progress has no total before the first part is there
};

struct HeadOptions {
  Conditions conditions = {};
  bool digests =
      false;  ///< ask for those too that a service tells on request only (of S3, with KMS: to who may decrypt)
  CallOptions call = {};
};

struct RemoveOptions {
  CallOptions call = {};
};

struct CopyOptions {
  /// Copy only if the source still has this ETag; else precondition_failed. unsupported where the store cannot tell.
  std::string source_if_match = {};
  /// The copy's attributes; absent for those of the source.
  std::optional<ObjectAttributes> attributes = {};
  std::string storage_class = {};  ///< as in PutOptions: "" is the store's default, not the class of the source
  CallOptions call = {};
};

struct TagOptions {
  CallOptions call = {};
};

/// The class that an object is in where nobody said anything else.
inline constexpr std::string_view standard_storage_class = "STANDARD";

/// What is known of the bytes of an object besides their number, in lower-case hex; empty: nobody has said. The SHA-256
/// is its writer's, the others are what the service has computed.
struct Digests {
  std::string sha256 = {};
  std::string crc32c = {};
  std::string crc64nvme = {};
  std::string crc32 = {};
  std::string md5 = {};

  [[nodiscard]] bool empty() const noexcept { return *this == Digests(); }
  friend bool operator==(const Digests&, const Digests&) = default;
};

/// What is known of an object.
struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  ///< of the whole object, also when a range was read
  std::string etag;        ///< opaque, with its quotes
  TimePoint last_modified = {};
  ObjectAttributes attributes;
  /// What get() delivered: the whole object, or the slice that the range selected.
  ByteRange::Slice delivered = {};
  std::string storage_class = std::string(standard_storage_class);  ///< by the store's own name for it
  Digests digests = {};
  /// How the service says that it is encrypted: "AES256", "aws:kms" ...; "customer" where the key is the caller's.
  /// Empty where the store says nothing.
  std::string encryption = {};
};

struct ListOptions {
  std::string prefix = {};              ///< only keys that begin with it, byte by byte
  std::string delimiter = {};           ///< "" or "/": fold everything behind the first one into common_prefixes
  std::string start_after = {};         ///< only keys behind this one
  std::string continuation_token = {};  ///< ListPage::next_token of the page before
  int max_keys = 1000;                  ///< keys and common prefixes a page, 1 to 1,000
  CallOptions call = {};
};

struct ObjectSummary {
  std::string key;  ///< as stored; other programs may have stored keys that ObjectKey refuses
  std::uint64_t size = 0;
  std::string etag;
  TimePoint last_modified = {};
  std::string storage_class = std::string(standard_storage_class);
};

struct ListPage {
  std::vector<ObjectSummary> objects;
  std::vector<std::string> common_prefixes;
  std::string next_token;  ///< empty on the last page
};

/// What became of one key of remove_many.
struct RemoveOutcome {
  ObjectKey key;
  std::optional<Error> error;  ///< absent: the object is gone
};

struct RemoveReport {
  std::vector<RemoveOutcome> outcomes;  ///< one a key, in the order given
  [[nodiscard]] bool all_removed() const;
};

/// An upload in parts that has begun and neither ended nor been aborted; it may be under way.
struct UnfinishedUpload {
  std::string key;  ///< as begun; other programs may have begun some under keys that ObjectKey refuses
  std::string upload_id;
  TimePoint begun = {};
};

struct ListUploadsOptions {
  std::string prefix = {};                     ///< only keys that begin with it, byte by byte
  std::optional<TimePoint> begun_before = {};  ///< only uploads that are older
  CallOptions call = {};
};

enum class PresignMethod { get, put, head, remove };

/// A request to be signed ahead of time, for somebody without credentials to send.
struct PresignRequest {
  ObjectKey key;
  PresignMethod method = PresignMethod::get;
  /// How long the URL is good for: 1 second to 7 days (SigV4's limit), and never past the credentials' own expiry.
  std::chrono::seconds expires_in = std::chrono::hours(1);
  /// What the reply's Content-Type shall be, whatever is stored (get only).
  std::string response_content_type = {};
  /// What the reply's Content-Disposition shall be (get only).
  std::string response_content_disposition = {};
  /// Header fields that the sender must send exactly so, e.g. Content-Type and Content-Length of a put.
  Headers signed_headers = {};
};

/// A signed request: whoever has it can send it until expires_at. Treat the URL as a secret.
struct SignedRequest {
  std::string method;
  std::string url;
  Headers headers;                  ///< what must be sent besides Host
  std::chrono::seconds expires_in;  ///< counted from now; shorter than asked for if the credentials end earlier
  TimePoint expires_at;             ///< by the service's clock, where that is known to differ from ours
};

/// What a backend can do. Everything else in this interface works everywhere.
struct Capabilities {
  bool presign = false;              ///< presign()
  bool conditional_put = false;      ///< PutMode::create
  bool conditional_copy = false;     ///< CopyOptions::source_if_match
  bool conditional_replace = false;  ///< PutOptions::if_match
  bool tags = false;                 ///< PutOptions::tags, tags(), set_tags()
  bool storage_classes = false;      ///< others than standard_storage_class
};

/// Keeps objects under keys. What a backend stores is whole objects: a reader sees the old or the new one, never a
/// part.
///
/// Thread-safe: all functions may be called from many threads at once. Errors that every call may return besides those
/// named: cancelled, timed_out, permission_denied, unauthenticated, rate_limited, unavailable, unsupported, internal.
/// A call that fails with invalid_argument or unsupported has had no effect, but for an object that a service took and
/// did not encrypt (S3Options::encryption): it is there.
class ObjectStore {
 public:
  ObjectStore() = default;
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  virtual ~ObjectStore() = default;

  /// Stores `payload` under `key`: whole, or not at all. An old object under the key stays until the new one is whole.
  /// Errors: invalid_argument (attributes, tags, conditions), already_exists (PutMode::create), precondition_failed
  /// (if_match), too_large, no_space, corrupt (the payload changed while it was read).
  Result<PutResult> put(const ObjectKey& key, const Payload& payload, const PutOptions& options = {});

  /// Begins an object of a length that is not known yet: it can be uploaded while it is being recorded. The stop token
  /// holds for the writer's whole life, the deadline for each write() and finish() by itself; progress is not reported.
  /// Errors: invalid_argument (attributes, PutOptions::resume_from), unsupported (PutMode::create, where the store
  /// cannot keep to it without knowing the length).
  Result<std::unique_ptr<ObjectWriter>> writer(const ObjectKey& key, const PutOptions& options = {});

  /// Feeds the object's bytes, or the range of them, to `sink` and returns what is known of the object. On an error
  /// the sink may have been given a part. A whole object whose bytes are not those of its digest is corrupt; the sink
  /// is then given all but the last of them.
  /// Errors: not_found, range_not_satisfiable, not_modified, precondition_failed, corrupt, and what the sink returns.
  Result<ObjectInfo> get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options = {});

  /// Reads the object into the file at `path`: whole, or not at all. The bytes go into a file beside it whose name is
  /// random (`.audiostore-*.part`, left over only by a crash), then through to the disk, and in one step under the
  /// name, replacing a file or link that is there; the directory must exist, and only the owner can read the file.
  /// Parts are read at once by threads that end with the call, all of the object that the first one belongs to. Errors:
  /// those of get() but the sink's; also precondition_failed where the object was replaced meanwhile, invalid_argument
  /// (a path that can be no file, options out of range), no_space, too_large (for the file system).
  Result<ObjectInfo> get_to_file(const ObjectKey& key, const std::filesystem::path& path,
                                 const DownloadOptions& options = {});

  /// What is known of the object, without its bytes. Errors: not_found, not_modified, precondition_failed.
  Result<ObjectInfo> head(const ObjectKey& key, const HeadOptions& options = {});

  /// Removes the object. Removing what is not there succeeds.
  Result<void> remove(const ObjectKey& key, const RemoveOptions& options = {});

  /// Removes many objects; each key has an outcome of its own. The call as a whole fails only where nothing can be said
  /// of any key. Costs one request per 1,000 keys where the backend has a batch request.
  Result<RemoveReport> remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options = {});

  /// Copies an object and its tags inside the store, its bytes unseen by the caller. `from` may equal `to` if
  /// attributes or a storage class are given.
  /// Errors: not_found, precondition_failed (source_if_match), invalid_argument.
  Result<PutResult> copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options = {});

  /// The object's tags. Errors: not_found, unsupported where the store has none.
  Result<Tags> tags(const ObjectKey& key, const TagOptions& options = {});

  /// Gives the object these tags and no others; its bytes, attributes and ETag stay as they are.
  /// Errors: not_found, invalid_argument, unsupported where the store has none.
  Result<void> set_tags(const ObjectKey& key, const Tags& tags, const TagOptions& options = {});

  /// One page of keys in byte order, within and across pages.
  /// Errors: invalid_argument (a token that is not this store's, max_keys out of range, an unknown delimiter).
  Result<ListPage> list(const ListOptions& options = {});

  /// All uploads in parts that have not ended, all pages: those under way, and what programs that were killed left
  /// behind. To clean up, abort what began before the longest upload there can be. Stores that keep no parts have none.
  /// Errors: corrupt (a listing that is not to be trusted).
  Result<std::vector<UnfinishedUpload>> list_uploads(const ListUploadsOptions& options = {});

  /// Drops an upload and its parts. One that is not there, or no more, is a success.
  Result<void> abort_upload(const ObjectKey& key, const std::string& upload_id, const RemoveOptions& options = {});

  /// Signs a request for somebody else to send. Pure and offline: whether the object exists is not looked at.
  /// Errors: invalid_argument (expiry, headers), unauthenticated (no credentials, or they expire too soon),
  /// unsupported.
  Result<SignedRequest> presign(const PresignRequest& request);

  /// The key in a URL that this store's presign() could have made, with or without its query. The inverse of presign:
  /// every URL of another scheme, host, port, bucket or spelling is refused.
  /// Errors: invalid_argument, unsupported where the store makes no URLs.
  [[nodiscard]] Result<ObjectKey> key_from_url(std::string_view url) const;

  [[nodiscard]] virtual Capabilities capabilities() const = 0;

 private:
  // All that a backend writes. Arguments are checked, also against capabilities(); callbacks do not throw, and context
  // is added by the caller. do_get() and do_head() are called from many threads at once, and do_get() does what
  // GetOptions::verify says.
  [[nodiscard]] virtual std::string_view do_name() const { return "this store"; }  // for messages
  virtual Result<PutResult> do_put(const ObjectKey&, const Payload&, const PutOptions&) = 0;
  virtual Result<ObjectInfo> do_get(const ObjectKey&, const ByteSink&, const GetOptions&) = 0;
  virtual Result<ObjectInfo> do_head(const ObjectKey&, const HeadOptions&) = 0;
  virtual Result<void> do_remove(const ObjectKey&, const RemoveOptions&) = 0;
  virtual Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions&) = 0;
  virtual Result<ListPage> do_list(const ListOptions&) = 0;
  virtual Result<RemoveReport> do_remove_many(std::span<const ObjectKey>, const RemoveOptions&);  // default: one by one
  // default: in memory until it is put
  virtual Result<std::unique_ptr<ObjectWriter>> do_writer(const ObjectKey&, const PutOptions&);
  virtual Result<std::vector<UnfinishedUpload>> do_list_uploads(const ListUploadsOptions&);  // default: none
  virtual Result<void> do_abort_upload(const ObjectKey&, const std::string& upload_id,
                                       const RemoveOptions&);                          // likewise
  virtual Result<Tags> do_tags(const ObjectKey&, const TagOptions&);                   // default: unsupported
  virtual Result<void> do_set_tags(const ObjectKey&, const Tags&, const TagOptions&);  // default: unsupported
  virtual Result<SignedRequest> do_presign(const PresignRequest&);                     // default: unsupported
  [[nodiscard]] virtual Result<ObjectKey> do_key_from_url(std::string_view) const;     // default: unsupported
};

/// The whole object as a string. Errors: those of get(); too_large when it is longer than `limit` bytes.
Result<std::string> read_to_string(ObjectStore& store, const ObjectKey& key, std::uint64_t limit = 64ULL << 20);

}  // namespace audiostore
