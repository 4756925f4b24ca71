#include "local/request_body.h"

#include "core/crypto.h"
#include "core/text.h"
#include "local/s3_error.h"
#include "local/spool_file.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace audiostore::local {
namespace {

constexpr std::uint64_t memory_limit = std::uint64_t{1} << 20;
constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

/// Computes the digests that were promised, and no others.
class DigestCheck {
 public:
  explicit DigestCheck(const BodyPromise& promise) : promise_(promise) {}

  void update(ByteSpan bytes) {
    if (promise_.sha256) sha256_.update(bytes);
    if (promise_.md5) md5_.update(bytes);
  }

  Result<void> finish() {
    if (promise_.sha256 && to_hex(sha256_.finish()) != *promise_.sha256) {
      return s3_error(S3Code::x_amz_content_sha256_mismatch, "The body is not the one whose SHA-256 was signed.");
    }
    if (promise_.md5) {
      const Md5Digest digest = md5_.finish();
      const bool same = std::ranges::equal(digest, as_bytes(*promise_.md5));
      if (!same) return s3_error(S3Code::bad_digest, "The body is not the one whose Content-MD5 was sent.");
    }
    return {};
  }

 private:
  const BodyPromise& promise_;
  Sha256 sha256_;
  Md5 md5_;
};

Result<Payload> receive_in_memory(IncomingRequest& request, const BodyPromise& promise) {
  std::string bytes;
  bytes.reserve(*request.content_length);
  auto read = read_body(request, promise, [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  return std::move(read).transform([&] { return Payload::from_string(std::move(bytes)); });
}

Result<Payload> receive_in_file(IncomingRequest& request, const BodyPromise& promise) {
  auto file = SpoolFile::create();
  if (!file) return std::move(file).error();
  auto read = read_body(request, promise, [&](ByteSpan piece) { return file->append(piece); });
  return std::move(read).transform([&] { return std::move(*file).finish(); });
}

}  // namespace

Result<BodyPromise> body_promise(const Headers& headers, std::optional<std::string> sha256) {
  BodyPromise promise{std::move(sha256), std::nullopt};
  const auto field = find_header(headers, "content-md5");
  if (!field) return promise;
  promise.md5 = from_base64(*field);
  if (promise.md5 && promise.md5->size() == std::tuple_size_v<Md5Digest>) return promise;
  return s3_error(S3Code::invalid_digest, "Content-MD5 must be the base64 of 16 bytes.");
}

Result<std::uint64_t> announced_length(const IncomingRequest& request, std::uint64_t limit) {
  if (!request.content_length) return s3_error(S3Code::missing_content_length, "Send a Content-Length.");
  if (*request.content_length <= limit) return *request.content_length;
  return s3_error(S3Code::entity_too_large,
                  fmt::format("The body has {} bytes, at most {} are taken.", *request.content_length, limit));
}

Result<void> read_body(IncomingRequest& request, const BodyPromise& promise, const ByteSink& sink) {
  DigestCheck digests(promise);
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    const auto got = request.read_body(piece);
    if (!got) return got.error();
    if (*got == 0) return digests.finish();
    const ByteSpan bytes(piece.data(), *got);
    digests.update(bytes);
    if (auto taken = sink(bytes); !taken) return taken;
  }
}

Result<Payload> receive_body(IncomingRequest& request, const BodyPromise& promise, std::uint64_t limit) {
  const auto length = announced_length(request, limit);
  if (!length) return length.error();
  return *length <= memory_limit ? receive_in_memory(request, promise) : receive_in_file(request, promise);
}

Result<void> expect_no_body(const IncomingRequest& request, const BodyPromise& promise) {
  if (request.content_length.value_or(0) != 0) {
    return s3_error(S3Code::invalid_request, "This request takes no body.");
  }
  return DigestCheck(promise).finish();
}

}  // namespace audiostore::local
