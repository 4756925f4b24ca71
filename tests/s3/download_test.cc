// A get whose body breaks: it goes on behind the last byte, with the same object, or says why it cannot.
#include "core/text.h"
#include "scripted_store.h"
#include "support/tcp_server.h"
#include "support/temp_folder.h"

#include <fmt/format.h>

#include <atomic>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const std::string song = "RIFF-a-song-of-some-bytes";

Error broken(ErrorCode code = ErrorCode::unavailable) {
  return Error(code, "the body ended early").with_retryable(true);
}

/// Answers with `count` bytes of the song from `first` on, as the service does to a range up to `last`, and then
/// breaks.
ScriptedTransport::Answer part(std::size_t first, std::size_t last, std::size_t count, Headers more = {}) {
  more.push_back({"Content-Length", std::to_string(last - first + 1)});
  more.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", first, last, song.size())});
  if (!find_header(more, "ETag")) more.push_back({"ETag", "\"e1\""});
  ScriptedTransport::Answer answer{.status = 206, .headers = std::move(more), .body = song.substr(first, count)};
  if (count < last - first + 1) answer.failure = broken();
  return answer;
}

/// The whole song, broken off after `count` bytes.
ScriptedTransport::Answer cut_after(std::size_t count, std::string etag = "\"e1\"") {
  return {.headers = {{"ETag", std::move(etag)}, {"Content-Length", std::to_string(song.size())}},
          .body = song.substr(0, count),
          .failure = broken()};
}

std::size_t last_byte() { return song.size() - 1; }

/// A service with the song under every key, that breaks its first `cuts` responses off after `bytes` of their bodies.
class CuttingServer {
 public:
  enum class Cut { end, reset };

  CuttingServer(std::size_t bytes, std::size_t cuts, Cut how)
      : server_([=, this](TcpConnection& connection) { serve(connection, bytes, cuts, how); }) {}

  [[nodiscard]] std::string url() const { return server_.url(""); }
  [[nodiscard]] std::vector<std::string> requests() const { return server_.requests(); }

 private:
  void serve(TcpConnection& connection, std::size_t bytes, std::size_t cuts, Cut how) {
    while (const auto head = connection.read_head()) {
      const std::string response = answer(*head);
      if (served_++ >= cuts) {
        connection.send(response);
        continue;
      }
      connection.send(response.substr(0, response.find("\r\n\r\n") + 4 + bytes));
      if (how == Cut::reset) connection.reset();
      return;
    }
  }

  static std::string answer(const std::string& head) {
    const auto value = [&](std::string_view name) {
      const auto at = head.find(name);
      if (at == std::string::npos) return std::string();
      const auto begin = at + name.size();
      return head.substr(begin, head.find("\r\n", begin) - begin);
    };
    const auto range = ByteRange::from_header(value("Range: "));
    if (!range) return http_response(200, song, "ETag: \"e1\"\r\n");
    if (value("If-Match: ") != "\"e1\"") return http_response(412);
    const auto [offset, length] = range->resolve(song.size()).value();
    return http_response(
        206, song.substr(offset, length),
        fmt::format("ETag: \"e1\"\r\nContent-Range: bytes {}-{}/{}\r\n", offset, offset + length - 1, song.size()));
  }

  std::atomic<std::size_t> served_ = 0;
  TcpServer server_;
};

}  // namespace

TEST_CASE("F24: a body that is cut on the wire is delivered whole, each byte once and in order") {
  for (const auto how : {CuttingServer::Cut::end, CuttingServer::Cut::reset}) {
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, song.size() / 2, last_byte()}) {
      CAPTURE(static_cast<int>(how), cut);
      const CuttingServer server(cut, 2, how);
      ScriptedStore s;
      s.options.endpoint = server.url();
      s.options.transport = must(make_curl_transport());
      s.remake();
      std::string bytes;
      const auto info = must(s.store->get(take, into(bytes)));
      CHECK(bytes == song);
      CHECK(info.size == song.size());
      CHECK(info.delivered.length == song.size());
      CHECK(server.requests().size() >= 2);
    }
  }
}

TEST_CASE("F24: the rest is asked for by range, pinned to the first response's ETag, whatever the conditions were") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(7));
  s.transport->on("GetObject", part(7, last_byte(), 3));
  s.transport->on("GetObject", part(10, last_byte(), song.size() - 10));
  std::string bytes;
  const GetOptions options{.conditions = {.if_match = "*", .if_none_match = "\"other\""}};
  const auto info = must(s.store->get(take, into(bytes), options));
  CHECK(bytes == song);
  CHECK(info.delivered.offset == 0);
  CHECK(info.delivered.length == song.size());
  REQUIRE(s.requests() == 3);
  CHECK(s.header(0, "If-Match") == "*");
  CHECK(s.header(0, "Range") == "");
  for (const std::size_t i : {1U, 2U}) {
    CHECK(s.header(i, "If-Match") == "\"e1\"");
    CHECK(s.header(i, "If-None-Match") == "");
  }
  CHECK(s.header(1, "Range") == fmt::format("bytes=7-{}", last_byte()));
  CHECK(s.header(2, "Range") == fmt::format("bytes=10-{}", last_byte()));
}

TEST_CASE("F24: a range goes on inside of itself") {
  for (const ByteRange range : {ByteRange::between(5, 14), ByteRange::last(10)}) {
    const std::size_t first = must(range.resolve(song.size())).offset;
    ScriptedStore s;
    s.transport->on("GetObject", part(first, first + 9, 4));
    s.transport->on("GetObject", part(first + 4, first + 9, 6));
    std::string bytes;
    const auto info = must(s.store->get(take, into(bytes), {.range = range}));
    CHECK(bytes == song.substr(first, 10));
    CHECK(info.size == song.size());
    CHECK(info.delivered.offset == first);
    CHECK(info.delivered.length == 10);
    CHECK(s.header(1, "Range") == fmt::format("bytes={}-{}", first + 4, first + 9));
  }
}

TEST_CASE("F24: reset, cut short or stalled: a body goes on after each of them") {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::corrupt, ErrorCode::timed_out}) {
    ScriptedStore s;
    auto cut = cut_after(3);
    cut.failure = broken(code);
    s.transport->on("GetObject", cut);
    s.transport->on("GetObject", part(3, last_byte(), song.size() - 3));
    std::string bytes;
    CHECK(s.store->get(take, into(bytes)));
    CHECK(bytes == song);
  }
}

TEST_CASE("F24: while no byte was delivered the same request is made again, and another object may answer it") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(0, "\"e0\""));
  s.transport->on("GetObject", cut_after(2));
  s.transport->on("GetObject", part(2, last_byte(), song.size() - 2));
  std::string bytes;
  CHECK(must(s.store->get(take, into(bytes))).etag == "\"e1\"");
  CHECK(bytes == song);
  CHECK(s.header(1, "If-Match") == "");
}

TEST_CASE("F24: what breaks behind the last byte takes nothing away from it") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(song.size()));
  std::string bytes;
  CHECK(s.store->get(take, into(bytes)));
  CHECK(bytes == song);
  auto longer = cut_after(song.size());
  longer.failure = Error(ErrorCode::corrupt, "longer than announced");
  s.transport->on("GetObject", longer);
  CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::corrupt);
}

TEST_CASE("F24: a transport that lets a short body pass for a whole one is not believed") {
  ScriptedStore s;
  auto shorter = cut_after(5);
  shorter.failure.reset();
  s.transport->on("GetObject", shorter);
  std::string bytes;
  CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::corrupt);
}

TEST_CASE("F24: without a strong ETag nobody can go on") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(3, "W/\"e1\""));
  std::string bytes;
  CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::unavailable);
  CHECK(bytes == song.substr(0, 3));
  CHECK(s.requests() == 1);
}

TEST_CASE("F45: an object that is replaced while it is read is an error that says so") {
  ScriptedStore s;
  const auto get_with = [&](ScriptedTransport::Answer second) {
    s.transport->on("GetObject", cut_after(3));
    s.transport->on("GetObject", std::move(second));
    std::string bytes;
    auto got = s.store->get(take, into(bytes));
    CHECK(bytes == song.substr(0, 3));
    return got.error();
  };
  for (const auto& second : {refusal(412, "PreconditionFailed"), refusal(416, "InvalidRange"),
                             part(3, last_byte(), song.size() - 3, {{"ETag", "\"e2\""}})}) {
    const Error error = get_with(second);
    CHECK(error.code() == ErrorCode::precondition_failed);
    CHECK(error.message().find("replaced while it was read") != std::string::npos);
    CHECK_FALSE(error.retryable());
  }
  const Error refused = get_with(refusal(412, "PreconditionFailed"));
  CHECK(refused.http_status() == 412);
  CHECK(refused.request_id() == "R1");
  CHECK(refused.attempts() == 2);
  CHECK(get_with(refusal(404, "NoSuchKey")).code() == ErrorCode::not_found);
}

TEST_CASE("F15: the rest that is not the rest is never delivered") {
  const auto other_length = fmt::format("bytes 3-{}/{}", last_byte(), song.size() + 1);
  for (const auto& [status, content_range] :
       {std::pair(206, fmt::format("bytes 2-{}/{}", last_byte() - 1, song.size())), std::pair(206, std::string()),
        std::pair(206, other_length), std::pair(200, std::string())}) {
    CAPTURE(status, content_range);
    ScriptedStore s;
    s.transport->on("GetObject", cut_after(3));
    Headers headers{{"ETag", "\"e1\""},
                    {"Content-Length", std::to_string(status == 200 ? song.size() : song.size() - 3)}};
    if (!content_range.empty()) headers.push_back({"Content-Range", content_range});
    s.transport->on("GetObject", {.status = status, .headers = headers, .body = song});
    std::string bytes;
    CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::corrupt);
    CHECK(bytes == song.substr(0, 3));
  }
}

TEST_CASE("F24: attempts are counted anew when a get has got on, and only then") {
  ScriptedStore s;
  std::string bytes;
  for (std::size_t i = 0; i < song.size(); ++i) {
    s.transport->on("GetObject", i == 0 ? cut_after(1) : part(i, last_byte(), 1));
  }
  CHECK(s.store->get(take, into(bytes)));
  CHECK(bytes == song);
  CHECK(s.waits_ms() == std::vector<long>(song.size() - 1, 1'000));

  const auto before = s.requests();
  s.transport->on("GetObject", cut_after(1));
  s.transport->on("GetObject", part(1, last_byte(), 1));
  for (int i = 0; i < 2; ++i) s.transport->on("GetObject", no_answer());
  const auto given_up = s.store->get(take, into(bytes));
  CHECK(code_of(given_up) == ErrorCode::unavailable);
  CHECK(given_up.error().attempts() == 4);
  CHECK(s.requests() - before == 4);
}

TEST_CASE("F24: single bytes use up the client's quota, megabytes do not") {
  ScriptedStore s;
  s.options.retry.quota = 12;
  s.remake();
  std::string bytes;
  s.transport->on("GetObject", cut_after(1));
  s.transport->on("GetObject", part(1, last_byte(), 1));
  s.transport->on("GetObject", part(2, last_byte(), 1));
  CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::unavailable);

  s.remake();
  constexpr std::size_t piece = std::size_t{1} << 20;
  constexpr std::size_t pieces = 5;
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t first = i * piece;
    Headers headers{{"ETag", "\"e1\""}, {"Content-Length", std::to_string(pieces * piece - first)}};
    if (i > 0) {
      headers.push_back({"Content-Range", fmt::format("bytes {}-{}/{}", first, pieces * piece - 1, pieces * piece)});
    }
    s.transport->on("GetObject", {.status = i == 0 ? 200 : 206,
                                  .headers = headers,
                                  .body = std::string(piece, 'x'),
                                  .failure = i + 1 < pieces ? std::optional(broken()) : std::nullopt});
  }
  CHECK(must(s.store->get(take, into(bytes))).size == pieces * piece);
}

TEST_CASE("F24: a stop or the deadline ends it between two responses") {
  ScriptedStore s;
  std::string bytes;
  std::stop_source stop;
  s.transport->on("GetObject", cut_after(3));
  s.clock->while_waiting = [&] { stop.request_stop(); };
  CHECK(code_of(s.store->get(take, into(bytes), {.call = {.stop = stop.get_token()}})) == ErrorCode::cancelled);
  s.transport->on("GetObject", cut_after(3));
  CHECK(code_of(s.store->get(take, into(bytes), {.call = {.deadline = 1s}})) == ErrorCode::unavailable);
  CHECK(s.requests() == 2);
}

TEST_CASE("F24: what the caller refuses is not asked for again") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(3));
  s.transport->on("GetObject", part(3, last_byte(), song.size() - 3));
  int calls = 0;
  const auto got = s.store->get(take, [&](ByteSpan) -> Result<void> {
    if (++calls == 1) return {};
    return Error(ErrorCode::precondition_failed, "mine").with_retryable(true);
  });
  CHECK(got.error().message() == "mine");
  CHECK(s.requests() == 2);
}

TEST_CASE("F24: progress is that of the whole get") {
  ScriptedStore s;
  s.transport->on("GetObject", cut_after(3));
  s.transport->on("GetObject", part(3, last_byte(), song.size() - 3));
  std::string bytes;
  std::vector<std::uint64_t> done;
  const auto note = [&](const Progress& progress) {
    done.push_back(progress.done);
    CHECK(progress.total == song.size());
  };
  REQUIRE(s.store->get(take, into(bytes), {.call = {.on_progress = note}}));
  CHECK(done == std::vector<std::uint64_t>{3, song.size()});
}

TEST_CASE("no part of a download is so large that a service could not count its bytes") {
  const TempFolder folder;
  ScriptedStore s;
  s.transport->on("GetObject",
                  ScriptedTransport::Answer{
                      .status = 206,
                      .headers = {{"ETag", "\"e1\""}, {"Content-Length", "4"}, {"Content-Range", "bytes 0-3/4"}},
                      .body = "RIFF"});
  CHECK(s.store->get_to_file(take, folder.path() / "take.wav", {.part_size = UINT64_MAX, .verify = false}));
  CHECK(s.header(0, "Range") == "bytes=0-4611686018427387903");
}
