#include "recordings/inspected_payload.h"

#include "recordings/audio_store_fixture.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

/// A payload whose bytes and size its owner can change, against the rules.
class ChangingSource final : public PayloadSource {
 public:
  explicit ChangingSource(std::string initial) : bytes(std::move(initial)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::copy(as_bytes(bytes).subspan(offset, out.size()), out.begin());
    return {};
  }
  std::string bytes;
};

Result<std::string> all_of(const Payload& payload) {
  std::string out(payload.size(), '\0');
  return payload.read_at(0, std::as_writable_bytes(std::span(out.data(), out.size()))).transform([&] { return out; });
}

TEST_CASE("a payload that stays as it is is read as it is", "[inspected_payload]") {
  const std::string wav = make_wav(70'000);
  const auto inspected = inspect_and_bind(Payload::from_string(wav), {}, "audio/x-wav").value();
  CHECK(inspected.info.format == AudioFormat::wav);
  CHECK(all_of(inspected.payload).value() == wav);
  std::byte middle[3];
  CHECK(inspected.payload.read_at(70'000, middle));
  CHECK(middle[0] == static_cast<std::byte>(wav[70'000]));
}

TEST_CASE("what is refused is refused as inspect_audio() does", "[inspected_payload]") {
  CHECK(inspect_and_bind(Payload(), {}, "").error().code() == ErrorCode::invalid_argument);
  CHECK(inspect_and_bind(Payload::from_string("<html>"), {}, "").error().code() == ErrorCode::unsupported_media_type);
  CHECK(inspect_and_bind(AudioStoreFixture::wav(), {}, "audio/webm").error().code() ==
        ErrorCode::unsupported_media_type);
}

TEST_CASE("bytes that were inspected cannot be others when they are stored", "[inspected_payload]") {
  const auto source = std::make_shared<ChangingSource>(make_wav(100));
  const auto inspected = inspect_and_bind(Payload(source), {}, "").value();
  const std::string wav = source->bytes;
  for (const std::size_t at : {0U, 3U, 8U, 20U, 43U}) {
    CAPTURE(at);
    source->bytes = wav;
    source->bytes[at] = static_cast<char>(source->bytes[at] ^ 1);
    CHECK(all_of(inspected.payload).error().code() == ErrorCode::corrupt);
    std::byte one[1];
    CHECK(inspected.payload.read_at(at, one).error().code() == ErrorCode::corrupt);
  }
  source->bytes = wav;
  CHECK(all_of(inspected.payload).value() == wav);
}

TEST_CASE("the size that was decided on is the size that is stored", "[inspected_payload]") {
  const auto source = std::make_shared<ChangingSource>(make_wav(100));
  const auto inspected = inspect_and_bind(Payload(source), {}, "").value();
  source->bytes += std::string(1000, 'x');
  CHECK(inspected.payload.size() == 244);
  source->bytes.resize(50);
  CHECK(inspected.payload.size() == 244);
  CHECK_FALSE(all_of(inspected.payload));
}

TEST_CASE_METHOD(AudioStoreFixture, "a policy that looks away while the bytes are swapped stores nothing",
                 "[inspected_payload]") {
  const auto source = std::make_shared<ChangingSource>(make_wav(100));
  AudioStore audio = open([&](const AccessRequest&) {
    source->bytes.replace(0, 6, "<html>");
    return Decision::allow;
  });
  CHECK(audio.upload("ann", id("ann"), Payload(source)).error().code() == ErrorCode::corrupt);
  CHECK(store->objects.empty());
}

}  // namespace
}  // namespace audiostore
