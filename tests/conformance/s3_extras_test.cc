// What only S3 stores have: forms, presigned parts, the bucket's settings and versions, encryption. What a store does
// not have is left out with a word about it; a bucket's settings are put back as they were.
#include "conformance/fixture.h"

#include <audiostore/s3_store.h>

#include <algorithm>

namespace audiostore::conformance {
namespace {

constexpr std::string_view boundary = "audiostore-form-boundary";

/// multipart/form-data (RFC 7578) with the fields in their order and the file last, as services want it.
std::string form_body(const Headers& fields, std::string_view file_name, std::string_view bytes) {
  std::string body;
  const auto begin = [&](std::string_view disposition) {
    ((((body += "--") += boundary) += "\r\nContent-Disposition: form-data; ") += disposition) += "\r\n\r\n";
  };
  for (const auto& [name, value] : fields) {
    begin("name=\"" + name + "\"");
    (body += value) += "\r\n";
  }
  begin("name=\"file\"; filename=\"" + std::string(file_name) + "\"");
  (((body += bytes) += "\r\n--") += boundary) += "--\r\n";
  return body;
}

/// Puts a bucket's setting back when the case is over, however it ends.
template <class Rule>
class Restored {
 public:
  using Set = std::function<Result<void>(const std::vector<Rule>&)>;
  Restored(std::vector<Rule> rules, Set set) : rules_(std::move(rules)), set_(std::move(set)) {}
  Restored(const Restored&) = delete;
  Restored& operator=(const Restored&) = delete;
  ~Restored() {
    if (const auto set = set_(rules_); !set) WARN("the bucket's setting was not restored: " << set.error().to_string());
  }
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

 private:
  std::vector<Rule> rules_;
  Set set_;
};

template <class Rule>
bool holds(const std::vector<Rule>& rules, const Rule& rule) {
  return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

class S3ExtrasFixture : public Fixture {
 protected:
  /// True where the store is S3's and has the feature; else says that the case is left out.
  bool has(bool S3Features::*feature, const char* name) {
    if (s3 != nullptr && s3->features().*feature) return true;
    if (s3 != nullptr) WARN("left out: this S3 service has no " << name);
    SUCCEED("left out: no " << name);
    return false;
  }

  Result<Reply> post(const PostForm& form, const Headers& more, std::string_view file_name, std::string_view bytes) {
    Headers fields = form.fields;
    fields.insert(fields.end(), more.begin(), more.end());
    const SignedRequest request{.method = "POST",
                                .url = form.url,
                                .headers = {{"Content-Type", "multipart/form-data; boundary=" + std::string(boundary)}},
                                .expires_in = form.expires_in,
                                .expires_at = form.expires_at};
    return harness.fetch(request, form_body(fields, file_name, bytes));
  }

  PostForm take_form(std::string key_text) {
    return must(s3->presign_post({.key = std::move(key_text),
                                  .max_bytes = 20,
                                  .min_bytes = 2,
                                  .content_type = "audio/",
                                  .fields = {{"x-amz-meta-take", "1"}}}));
  }

  /// Begins an upload in parts and leaves it unfinished; its id.
  std::string unfinished_upload(const ObjectKey& target) {
    std::string id;
    std::stop_source stop;
    const PutOptions options{.on_checkpoint =
                                 [&](const UploadCheckpoint& checkpoint) {
                                   id = checkpoint.upload_id;
                                   stop.request_stop();
                                 },
                             .call = {.stop = stop.get_token()}};
    const auto stopped = store.put(target, Payload::from_string(std::string(2 * harness.three_parts(), 'x')), options);
    CHECK(code_of(stopped) == ErrorCode::cancelled);
    return id;
  }

  /// "/bucket/key", from where the URL of the object has the bucket.
  std::string copy_source(const ObjectKey& object) {
    std::string url = must(store.presign({.key = object})).url;
    url = url.substr(url.find("://") + 3);
    url.resize(url.find('?'));
    const std::string path = url.substr(url.find('/'));
    return path.starts_with("/" + object.str()) ? "/" + url.substr(0, url.find('.')) + path : path;
  }

  S3Store* s3 = dynamic_cast<S3Store*>(&store);
};

TEST_CASE_METHOD(S3ExtrasFixture, "a form uploads what it allows", "[s3][post]") {
  if (!has(&S3Features::presigned_post, "presigned forms")) return;
  const auto reply = must(post(take_form(key().str()), {{"Content-Type", "audio/wav"}}, "any.wav", "the bytes"));
  CAPTURE(reply.body);
  CHECK(reply.status == 204);
  const auto got = must(get(key()));
  CHECK(got.bytes == "the bytes");
  CHECK(got.info.attributes.content_type == "audio/wav");
  CHECK(got.info.attributes.metadata == Metadata{{"take", "1"}});
}

TEST_CASE_METHOD(S3ExtrasFixture, "a form leaves the end of the key to the browser, and no more", "[s3][post]") {
  if (!has(&S3Features::presigned_post, "presigned forms")) return;
  const PostForm form = take_form(prefix());
  CHECK(must(post(form, {{"Content-Type", "audio/wav"}}, "mine.wav", "the bytes")).status == 204);
  CHECK(bytes_of(key("mine.wav")) == "the bytes");
  PostForm other = form;
  std::erase_if(other.fields, [](const Header& field) { return field.name == "key"; });
  other.fields.insert(other.fields.begin(), {"key", "elsewhere-" + prefix() + "mine.wav"});
  CHECK(must(post(other, {{"Content-Type", "audio/wav"}}, "mine.wav", "the bytes")).status / 100 == 4);
}

TEST_CASE_METHOD(S3ExtrasFixture, "a form refuses another size, type, field or signature", "[s3][post]") {
  if (!has(&S3Features::presigned_post, "presigned forms")) return;
  const PostForm form = take_form(key().str());
  const Header wav{"Content-Type", "audio/wav"};
  CHECK(must(post(form, {wav}, "a.wav", std::string(21, 'x'))).status / 100 == 4);
  CHECK(must(post(form, {wav}, "a.wav", "x")).status / 100 == 4);
  CHECK(must(post(form, {{"Content-Type", "text/html"}}, "a.wav", "the bytes")).status / 100 == 4);
  CHECK(must(post(form, {wav, {"x-amz-meta-more", "1"}}, "a.wav", "the bytes")).status / 100 == 4);
  PostForm forged = form;
  forged.fields.back().value.front() = forged.fields.back().value.front() == '0' ? '1' : '0';
  CHECK(must(post(forged, {wav}, "a.wav", "the bytes")).status == 403);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(S3ExtrasFixture, "a part is sent by who has nothing but its URL", "[s3][presign]") {
  if (s3 == nullptr) return;
  const std::string id = unfinished_upload(key());
  REQUIRE_FALSE(id.empty());
  const SignedRequest part = must(s3->presign_part({.key = key(), .upload_id = id, .part_number = 3}));
  const auto sent = must(harness.fetch(part, "the third part"));
  CAPTURE(sent.body);
  CHECK(sent.status == 200);
  CHECK(find_header(sent.headers, "ETag").has_value());
  SignedRequest other = part;
  other.url.replace(other.url.find("partNumber=3"), 12, "partNumber=4");
  CHECK(must(harness.fetch(other, "the third part")).status == 403);
  must(store.abort_upload(key(), id));
  CHECK(must(harness.fetch(part, "the third part")).status == 404);
}

TEST_CASE_METHOD(S3ExtrasFixture, "S7: a presigned PUT is no copy of another's object", "[s3][presign]") {
  if (s3 == nullptr) return;
  if (s3->features().obeys_unsigned_fields) {
    SUCCEED("left out: the service is known to obey what was not signed");
    return;
  }
  must(store.put(key("anothers"), Payload::from_string("a secret")));
  SignedRequest mine = must(store.presign({.key = key("mine"), .method = PresignMethod::put}));
  mine.headers.push_back({"x-amz-copy-source", copy_source(key("anothers"))});
  static_cast<void>(must(harness.fetch(mine, "my bytes")));
  CHECK((!exists(key("mine")) || bytes_of(key("mine")) == "my bytes"));
}

TEST_CASE_METHOD(S3ExtrasFixture, "an upload whose parts others have sent is completed with what the service has",
                 "[s3][presign]") {
  if (s3 == nullptr) return;
  const std::string bytes = pattern(harness.three_parts() + 1);
  const auto upload = must(s3->uploads().begin(key(), bytes.size(), {.attributes = {.content_type = "audio/wav"}}));
  REQUIRE(part_count(upload) >= 3);
  const auto send = [&](int number) {
    const auto part = must(s3->presign_part({.key = key(), .upload_id = upload.upload_id, .part_number = number}));
    const std::string piece = bytes.substr(static_cast<std::size_t>(number - 1) * upload.part_size,
                                           static_cast<std::size_t>(upload.part_size));
    CHECK(must(harness.fetch(part, piece)).status == 200);
  };
  for (int number = 2; number <= part_count(upload); ++number) send(number);
  CHECK(s3->uploads().complete(key(), upload).error().code() == ErrorCode::precondition_failed);
  CHECK_FALSE(exists(key()));
  send(1);
  CHECK(must(s3->uploads().parts(key(), upload.upload_id)).size() == static_cast<std::size_t>(part_count(upload)));
  const PutResult done = must(s3->uploads().complete(key(), upload));
  const auto got = must(get(key()));
  CHECK(got.bytes == bytes);
  CHECK(got.info.etag == done.etag);
  CHECK(got.info.attributes.content_type == "audio/wav");
  CHECK(must(s3->uploads().complete(key(), upload)).etag == done.etag);
}

TEST_CASE_METHOD(S3ExtrasFixture, "CORS rules are kept as they were set", "[s3][bucket]") {
  if (!has(&S3Features::cors, "CORS rules")) return;
  S3Bucket bucket = s3->bucket();
  const Restored<CorsRule> before(must(bucket.cors()), [&](const auto& rules) { return bucket.set_cors(rules); });
  const std::vector rules{CorsRule{.id = "app",
                                   .allowed_origins = {"https://app.example"},
                                   .allowed_methods = {"GET", "PUT"},
                                   .allowed_headers = {"content-type", "x-amz-*"},
                                   .expose_headers = {"ETag"},
                                   .max_age = std::chrono::seconds(600)},
                          CorsRule{.id = "all", .allowed_origins = {"*"}, .allowed_methods = {"GET"}}};
  must(bucket.set_cors(rules));
  auto kept = must(bucket.cors());
  for (CorsRule& rule : kept) {
    std::ranges::sort(rule.allowed_methods);  // services give sets back in an order of their own
    std::ranges::sort(rule.allowed_headers);
  }
  CHECK(kept.size() == 2);
  CHECK(holds(kept, rules[0]));
  CHECK(holds(kept, rules[1]));
  must(bucket.set_cors({}));
  CHECK(must(bucket.cors()).empty());
}

TEST_CASE_METHOD(S3ExtrasFixture, "lifecycle rules are kept as they were set", "[s3][bucket]") {
  if (!has(&S3Features::lifecycle, "lifecycle rules")) return;
  S3Bucket bucket = s3->bucket();
  const auto found = bucket.lifecycle();
  if (!found && found.error().code() == ErrorCode::unsupported) {
    WARN("left out: the bucket has lifecycle rules that could not be restored");
    return;
  }
  const Restored<LifecycleRule> before(must(found), [&](const auto& rules) { return bucket.set_lifecycle(rules); });
  const LifecycleRule drafts{
      .id = "drafts of " + prefix(), .prefix = prefix(), .expire_after_days = 30, .abort_incomplete_after_days = 2};
  const LifecycleRule off{
      .id = "off for " + prefix(), .prefix = prefix() + "old/", .enabled = false, .expire_after_days = 3};
  std::vector<LifecycleRule> rules = before.rules();
  rules.push_back(drafts);
  rules.push_back(off);
  must(bucket.set_lifecycle(rules));
  const auto kept = must(bucket.lifecycle());
  CHECK(kept.size() == rules.size());
  CHECK(holds(kept, drafts));
  CHECK(holds(kept, off));
  must(bucket.set_lifecycle(before.rules()));
  CHECK(must(bucket.lifecycle()).size() == before.rules().size());
}

TEST_CASE_METHOD(S3ExtrasFixture, "versions are listed page by page, and removed one by one", "[s3][bucket]") {
  if (!has(&S3Features::versions, "versions")) return;
  S3Bucket bucket = s3->bucket();
  put_all({"a", "b", "c"});
  put(key("b"), "again");
  std::vector<ObjectVersion> all;
  for (ListVersionsOptions at{.prefix = prefix(), .max_keys = 1};;) {
    const VersionPage page = must(bucket.list_versions(at));
    REQUIRE(page.versions.size() <= 1);
    all.insert(all.end(), page.versions.begin(), page.versions.end());
    if (page.next_token.empty()) break;
    at.continuation_token = page.next_token;
    REQUIRE(all.size() < 100);
  }
  CHECK(std::ranges::is_sorted(all, {}, &ObjectVersion::key));
  CHECK(std::ranges::count(all, true, &ObjectVersion::is_latest) == 3);
  for (const ObjectVersion& version : all)
    must(bucket.remove_version(key(version.key.substr(prefix().size())), version.version_id));
  CHECK(must(bucket.list_versions({.prefix = prefix()})).versions.empty());
  CHECK_FALSE(exists(key("b")));
  must(bucket.remove_version(key("b"), all.front().version_id));
}

TEST_CASE_METHOD(S3ExtrasFixture, "SseS3 encrypts, or says that the service does not", "[s3][encryption]") {
  if (s3 == nullptr) return;
  const auto encrypting = harness.s3_store([](S3Options& options) { options.encryption = SseS3(); });
  if (!encrypting && encrypting.error().code() == ErrorCode::unsupported) {
    WARN("left out: " << encrypting.error().message());
    return;
  }
  const auto stored = (*encrypting)->put(key(), Payload::from_string("the bytes"));
  if (!stored) {
    // Ceph before version 17 refuses the request where it has no key for it.
    CHECK((code_of(stored) == ErrorCode::unsupported || code_of(stored) == ErrorCode::invalid_argument));
    WARN("left out: " << stored.error().message());
    return;
  }
  CHECK(must(store.head(key())).encryption == "AES256");
  CHECK(bytes_of(key()) == "the bytes");
}

TEST_CASE_METHOD(S3ExtrasFixture, "SseC keeps objects from everybody without the key", "[s3][encryption]") {
  if (s3 == nullptr) return;
  const auto with_key = [&](char fill) {
    return harness.s3_store([&](S3Options& options) { options.encryption = SseC{Secret(std::string(32, fill))}; });
  };
  const auto made = with_key('k');
  if (!made) {
    WARN("left out: " << made.error().message());
    CHECK((code_of(made) == ErrorCode::unsupported || code_of(made) == ErrorCode::invalid_argument));
    return;
  }
  S3Store& ours = **made;
  must(ours.put(key(), Payload::from_string("the bytes")));
  CHECK(must(read_to_string(ours, key())) == "the bytes");
  CHECK(must(ours.head(key())).encryption == "customer");
  CHECK_FALSE(read_to_string(store, key()));
  CHECK_FALSE(read_to_string(*with_key('o').value(), key()));
  const std::string large = pattern(2 * harness.three_parts());
  must(ours.put(key("large"), Payload::from_string(large)));
  CHECK(must(read_to_string(ours, key("large"))) == large);
}

}  // namespace audiostore::conformance
