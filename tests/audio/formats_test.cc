#include "audio/formats.h"

#include <catch2/catch.hpp>

#include <set>

namespace audiostore {
namespace {

struct TypeCase {
  std::string_view type;
  std::optional<AudioFormat> format;
};

const std::vector<TypeCase> types{
    {"audio/wav", AudioFormat::wav},
    {"audio/x-wav", AudioFormat::wav},
    {"audio/wave", AudioFormat::wav},
    {"audio/vnd.wave", AudioFormat::wav},
    {"AUDIO/WAV", AudioFormat::wav},
    {"audio/vnd.wave; codec=1", AudioFormat::wav},
    {"audio/webm", AudioFormat::webm},
    {"audio/webm;codecs=opus", AudioFormat::webm},
    {"Audio/WebM ; codecs=\"opus\"", AudioFormat::webm},
    {" \taudio/webm\t ", AudioFormat::webm},
    {"audio/webm;", AudioFormat::webm},
    {"video/webm", AudioFormat::webm},
    {"audio/mpeg", AudioFormat::mp3},
    {"audio/mp3", AudioFormat::mp3},
    {"audio/ogg", AudioFormat::ogg},
    {"audio/opus", AudioFormat::ogg},
    {"application/ogg", AudioFormat::ogg},
    {"audio/mp4", AudioFormat::mp4},
    {"audio/mp4; codecs=\"mp4a.40.2\"", AudioFormat::mp4},
    {"audio/m4a", AudioFormat::mp4},
    {"audio/x-m4a", AudioFormat::mp4},
    {"video/mp4", AudioFormat::mp4},
    {"audio/flac", AudioFormat::flac},
    {"audio/x-flac", AudioFormat::flac},
    {"audio/aiff", AudioFormat::aiff},
    {"audio/x-aiff", AudioFormat::aiff},
    {"", std::nullopt},
    {";", std::nullopt},
    {"audio", std::nullopt},
    {"audio/", std::nullopt},
    {"audio/*", std::nullopt},
    {"*/*", std::nullopt},
    {"audio/webm,text/html", std::nullopt},
    {"audio/webm, audio/webm", std::nullopt},
    {"audio/webm text/html", std::nullopt},
    {"audio /webm", std::nullopt},
    {"audio/webm\r\n", std::nullopt},
    {"audio/webm\nX: y", std::nullopt},
    {std::string_view("audio/webm\0", 11), std::nullopt},
    {"audio/webmx", std::nullopt},
    {"text/html", std::nullopt},
    {"text/html,foo", std::nullopt},
    {"text/html;audio/webm", std::nullopt},
    {"text/html;charset=utf-8", std::nullopt},
    {"image/svg+xml", std::nullopt},
    {"audio/aac", std::nullopt},
    {"application/octet-stream", std::nullopt},
    {"wav", std::nullopt},
};

}  // namespace

TEST_CASE("A MIME type is known by its essence", "[audio]") {
  for (const TypeCase& c : types) {
    INFO("'" << c.type << "'");
    CHECK(format_from_mime_type(c.type) == c.format);
  }
}

TEST_CASE("The table's rows are in the order of the enum and contradict each other nowhere", "[audio]") {
  std::set<std::string_view> types_seen;
  std::set<std::string_view> extensions_seen;
  for (std::size_t i = 0; i < audio_format_names().size(); ++i) {
    const AudioFormatNames& row = audio_format_names()[i];
    CHECK(static_cast<std::size_t>(row.format) == i);
    CHECK(types_seen.insert(row.mime_type).second);
    CHECK(format_from_mime_type(mime_type(row.format)) == row.format);
    CHECK(format_from_extension(extension(row.format)) == row.format);
    for (const auto alias : row.aliases) {
      CHECK(types_seen.insert(alias).second);
      CHECK(format_from_mime_type(alias) == row.format);
    }
    for (const auto extension : row.extensions) CHECK(extensions_seen.insert(extension).second);
  }
}

TEST_CASE("The canonical names are the documented ones", "[audio]") {
  struct Row {
    AudioFormat format;
    std::string_view type;
    std::string_view extension;
  };
  const std::vector<Row> rows{
      {AudioFormat::wav, "audio/wav", "wav"},    {AudioFormat::webm, "audio/webm", "webm"},
      {AudioFormat::mp3, "audio/mpeg", "mp3"},   {AudioFormat::ogg, "audio/ogg", "ogg"},
      {AudioFormat::mp4, "audio/mp4", "m4a"},    {AudioFormat::flac, "audio/flac", "flac"},
      {AudioFormat::aiff, "audio/aiff", "aiff"},
  };
  for (const Row& row : rows) {
    CHECK(mime_type(row.format) == row.type);
    CHECK(extension(row.format) == row.extension);
  }
}

TEST_CASE("An extension is known in any case, without its dot", "[audio]") {
  CHECK(format_from_extension("WAV") == AudioFormat::wav);
  CHECK(format_from_extension("opus") == AudioFormat::ogg);
  CHECK(format_from_extension("mp4") == AudioFormat::mp4);
  CHECK(format_from_extension("aif") == AudioFormat::aiff);
  for (const char* other : {"", ".wav", "wav ", "html", "mov", "aac", "webm/.."}) {
    INFO(other);
    CHECK_FALSE(format_from_extension(other));
  }
}

TEST_CASE("Lists of types read as a sentence does", "[audio]") {
  using enum AudioFormat;
  CHECK(list_mime_types(std::vector{webm, wav, mp3}) == "audio/webm, audio/wav or audio/mpeg");
  CHECK(list_mime_types(std::vector{webm, wav}) == "audio/webm or audio/wav");
  CHECK(list_mime_types(std::vector{flac}) == "audio/flac");
  CHECK(list_mime_types({}) == "nothing");
}

}  // namespace audiostore
