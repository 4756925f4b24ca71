// The only file that knows libcurl. Written for 7.85 and later; what is said of its behaviour was seen with 7.88.
#include <audiostore/http.h>

#include "core/text.h"
#include "http/ca_bundle.h"
#include "http/exchange.h"
#include "http/idle_pool.h"
#include "http/link_local.h"
#include "http/request_check.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <stop_token>
#include <utility>

namespace audiostore {
namespace {

using std::chrono::milliseconds;

struct CloseEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct CloseMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// ---- What libcurl calls during a transfer. `user` is the Exchange, or where said the session. ----------------------

Exchange& exchange_of(void* user) noexcept { return *static_cast<Exchange*>(user); }

std::size_t on_header_line(char* line, std::size_t size, std::size_t count, void* user) {
  return exchange_of(user).take_header_line({line, size * count}) ? size * count : 0;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  return exchange_of(user).take_body(as_bytes({bytes, size * count})) ? size * count : 0;
}

std::size_t on_body_wanted(char* out, std::size_t size, std::size_t count, void* user) {
  return exchange_of(user)
      .give_body(std::as_writable_bytes(std::span(out, size * count)))
      .value_or(CURL_READFUNC_ABORT);
}

int on_rewind(void* user, curl_off_t offset, int origin) {
  const bool known = origin == SEEK_SET && offset >= 0;
  return known && exchange_of(user).rewind_body(static_cast<std::uint64_t>(offset)) ? CURL_SEEKFUNC_OK
                                                                                    : CURL_SEEKFUNC_FAIL;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  return exchange_of(user).advance(static_cast<std::uint64_t>(std::max<curl_off_t>(sent, 0))) ? 0 : 1;
}

/// True when the certificate, in PEM, has a subjectAltName extension: looks for its object identifier, 2.5.29.17.
bool has_subject_alternative_name(std::string_view pem) {
  std::string base64;
  for (std::size_t at = 0; at < pem.size();) {
    const std::string_view line = pem.substr(at, pem.find('\n', at) - at);
    if (!line.starts_with("-----")) base64 += line;
    at += line.size() + 1;
  }
  return from_base64(base64).value_or("").find("\x06\x03\x55\x1d\x11") != std::string::npos;
}

/// libcurl takes the common name of a certificate that names no host otherwise, against RFC 9110, section 4.3.4. This
/// runs when the connection stands and before anything is sent on it; on a kept connection there is nothing to see.
/// `user` is the easy handle.
int on_connected(void* user, char*, char*, int, int) {
  void* exchange = nullptr;
  if (curl_easy_getinfo(user, CURLINFO_PRIVATE, &exchange) == CURLE_OK) exchange_of(exchange).begin_sending();
  const curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(user, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) return CURL_PREREQFUNC_OK;
  if (chain->num_of_certs < 1) return CURL_PREREQFUNC_OK;
  for (const curl_slist* entry = chain->certinfo[0]; entry != nullptr; entry = entry->next) {
    constexpr std::string_view pem_entry = "Cert:";
    const std::string_view text = entry->data;
    if (text.starts_with(pem_entry) && !has_subject_alternative_name(text.substr(pem_entry.size()))) {
      return CURL_PREREQFUNC_ABORT;
    }
  }
  return CURL_PREREQFUNC_OK;
}

/// Decides to which addresses a session connects, when names have been resolved.
struct SocketGate {
  bool turned_away = false;
  bool opened = false;
};

curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& gate = *static_cast<SocketGate*>(user);
  if (is_link_local(address->addr)) {
    gate.turned_away = true;
    return CURL_SOCKET_BAD;
  }
  gate.opened = true;
  return ::socket(address->family, address->socktype, address->protocol);
}

// ---- Errors ---------------------------------------------------------------------------------------------------------

/// A handshake that the network cut short says nothing about the server's identity. libcurl has the same code for both.
bool was_cut_off(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 4> signs{"SSL_ERROR_SYSCALL", "unexpected eof", "reset by peer",
                                                  "Broken pipe"};
  return std::ranges::any_of(signs, [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

ErrorCode code_for(CURLcode code, std::string_view text) noexcept {
  switch (code) {
    case CURLE_URL_MALFORMAT: return ErrorCode::invalid_argument;
    case CURLE_OPERATION_TIMEDOUT: return ErrorCode::timed_out;
    case CURLE_PARTIAL_FILE: return ErrorCode::corrupt;
    case CURLE_SSL_CONNECT_ERROR: return was_cut_off(text) ? ErrorCode::unavailable : ErrorCode::permission_denied;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_ABORTED_BY_CALLBACK: return ErrorCode::permission_denied;  // by on_connected: all others say why
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_GOT_NOTHING:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_PROXY:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_UNSUPPORTED_PROTOCOL: return ErrorCode::unavailable;  // HTTP/0.9; the scheme is checked before
    case CURLE_WEIRD_SERVER_REPLY:  // for a negative length before we see it, which ResponseHead calls corrupt
      return text.find("Content-Length") != std::string_view::npos ? ErrorCode::corrupt : ErrorCode::unavailable;
    default: return ErrorCode::internal;
  }
}

/// `text` is libcurl's own; it names hosts, addresses and certificates, never a path, query or header's value.
Error error_for(CURLcode code, std::string_view text, const Origin& origin, const CaBundle& ca) {
  const ErrorCode kind = code_for(code, text);
  if (code == CURLE_ABORTED_BY_CALLBACK) text = "its certificate has no subjectAltName";
  if (text.empty()) text = curl_easy_strerror(code);
  std::string message = fmt::format("{}: {}", origin.to_string(), text);
  if (kind == ErrorCode::permission_denied) {
    message += fmt::format(
        "; nothing was sent, because the server could not prove who it is. CA file: {}. If its "
        "certificate comes from an authority of your own, name that in the option ca_file, "
        "AWS_CA_BUNDLE or SSL_CERT_FILE",
        ca.source);
  }
  return Error(kind, message).with_retryable(code == CURLE_PARTIAL_FILE || Error(kind, "").retryable());
}

Error link_local_error(const Origin& origin) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("{} is a link-local address, where clouds hand out credentials, or resolves to one; if that "
                           "is meant, set CurlTransportOptions::allow_link_local",
                           origin.to_string()));
}

Error flood_error(const Origin& origin, std::size_t max_header_bytes) {
  constexpr std::size_t libcurls_limit = CURL_MAX_HTTP_HEADER;
  return Error(ErrorCode::unavailable,
               fmt::format("{}: the server's reply is malformed: a line of its headers has more than {} bytes",
                           origin.to_string(), std::min(max_header_bytes, libcurls_limit)));
}

// ---- Handles --------------------------------------------------------------------------------------------------------

/// Never undone: other code in the process may use libcurl too.
bool is_libcurl_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

milliseconds shorter(milliseconds a, milliseconds b) noexcept {
  if (a <= milliseconds::zero() || b <= milliseconds::zero()) return std::max(a, b);
  return std::min(a, b);
}

/// Headers in libcurl's form. Null when memory ran out.
HeaderList header_list(const Headers& headers) {
  HeaderList list;
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(list.release());
    list.reset(longer);
    return true;
  };
  // Expect costs a second per upload where the server does not answer it, and R2 does not know it.
  bool appended = append("Expect:");
  for (const auto& [name, value] : headers) {
    appended = appended && append(trim(value).empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
  }
  return appended ? std::move(list) : nullptr;
}

/// One connection and all that libcurl needs to use it. Used by one thread at a time.
///
/// An easy handle within a multi handle of its own, rather than curl_easy_perform(), so that a stop request can wake
/// the wait for the network.
class CurlSession {
 public:
  CurlSession(const CurlTransportOptions& options, const CaBundle& ca);

  /// Carries out one exchange.
  void perform(const HttpRequest& request, milliseconds limit, Exchange& exchange);

  /// True when the last exchange left a connection on which another can begin. Not when there is something to read:
  /// the server has closed it, or has sent what nobody asked for, which libcurl would take for the next response.
  [[nodiscard]] bool is_ready() const;

  /// True when the last exchange ended because the connection broke.
  [[nodiscard]] bool was_cut() const noexcept {
    return outcome_ == CURLE_SEND_ERROR || outcome_ == CURLE_RECV_ERROR || outcome_ == CURLE_GOT_NOTHING;
  }
  /// True when there was no address to connect to but such as are kept out.
  [[nodiscard]] bool was_turned_away() const noexcept {
    return outcome_ == CURLE_COULDNT_CONNECT && gate_.turned_away && !gate_.opened;
  }
  /// True when a line of headers or trailers outgrew libcurl's buffer, for which it had no error of its own before
  /// CURLE_TOO_LARGE came. Memory that really ran out while a response was read looks the same.
  [[nodiscard]] bool was_flooded() const noexcept {
    constexpr int too_large = 100;
    const bool in_trailer = outcome_ == CURLE_RECV_ERROR && std::string_view(text()).starts_with("Out of memory");
    return set_up_ == CURLE_OK &&
           (outcome_ == CURLE_OUT_OF_MEMORY || static_cast<int>(outcome_) == too_large || in_trailer);
  }
  [[nodiscard]] CURLcode outcome() const noexcept { return outcome_; }
  [[nodiscard]] const char* text() const noexcept { return text_.data(); }

 private:
  void set_safety();
  void set_trust(const CaBundle& ca);
  void set_limits(const CurlTransportOptions& options);
  void set_callbacks();
  void set_request(const HttpRequest& request, milliseconds limit, Exchange& exchange);
  void run(const std::stop_token& stop);

  template <class T>
  void set(CURLoption option, T value) {
    if (easy_ && set_up_ == CURLE_OK) set_up_ = curl_easy_setopt(easy_.get(), option, value);
  }

  std::unique_ptr<CURLM, CloseMulti> multi_{curl_multi_init()};
  std::unique_ptr<CURL, CloseEasy> easy_{curl_easy_init()};
  SocketGate gate_;
  HeaderList headers_;
  std::array<char, CURL_ERROR_SIZE> text_{};
  CURLcode set_up_ = CURLE_OK;  // the first option that could not be set; nothing is sent then
  CURLcode outcome_ = CURLE_OK;
  curl_socket_t socket_ = CURL_SOCKET_BAD;  // of the connection that is kept; bad when there is none
};

CurlSession::CurlSession(const CurlTransportOptions& options, const CaBundle& ca) {
  if (!easy_ || !multi_) {
    set_up_ = CURLE_FAILED_INIT;
    return;
  }
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 1L);  // so that the pool's bound counts connections
  set(CURLOPT_ERRORBUFFER, text_.data());
  set_safety();
  set_trust(ca);
  set_limits(options);
  set_callbacks();
  if (!options.allow_link_local) {
    set(CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
    set(CURLOPT_OPENSOCKETDATA, &gate_);
  }
  set(CURLOPT_PROXY, options.proxy.c_str());  // empty: none, not even the environment's
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_USERAGENT, "audiostore/" AUDIOSTORE_VERSION);
}

void CurlSession::set_safety() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  // One exchange a connection: cancelling or stalling one disturbs no other, and S3 itself speaks nothing newer.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

void CurlSession::set_trust(const CaBundle& ca) {
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_CERTINFO, 1L);
  if (ca.file.empty()) return;
  set(CURLOPT_CAINFO, ca.file.c_str());
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // else the system's authorities would be trusted besides
}

void CurlSession::set_limits(const CurlTransportOptions& options) {
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  set(CURLOPT_MAXAGE_CONN, static_cast<long>(std::max<std::int64_t>(1, options.max_idle_age.count())));
  // A GiB over loopback costs 0.15 s of CPU with this, 0.33 s with libcurl's 16 KiB. Its 64 KiB for uploads stay: up to
  // its largest, 2 MiB, others measured within 10 % of them, and every kept connection would hold one.
  set(CURLOPT_BUFFERSIZE, 512L * 1024);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  set(CURLOPT_QUICK_EXIT, 1L);  // else a time-out or stop would wait for a name look-up that hangs
#endif
}

void CurlSession::set_callbacks() {
  set(CURLOPT_HEADERFUNCTION, &on_header_line);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_READFUNCTION, &on_body_wanted);
  set(CURLOPT_SEEKFUNCTION, &on_rewind);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_PREREQFUNCTION, &on_connected);
  set(CURLOPT_PREREQDATA, easy_.get());
}

/// Sets all that differs from request to request, so that nothing of the last one stays.
void CurlSession::set_request(const HttpRequest& request, milliseconds limit, Exchange& exchange) {
  set(CURLOPT_URL, request.url.c_str());
  if (has_body(request.method)) {
    set(CURLOPT_UPLOAD, 1L);  // for POST too: CURLOPT_POST would invent a Content-Type
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else {
    set(request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  for (const CURLoption data : {CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA,
                                CURLOPT_XFERINFODATA, CURLOPT_PRIVATE}) {
    set(data, static_cast<void*>(&exchange));
  }
}

void CurlSession::perform(const HttpRequest& request, milliseconds limit, Exchange& exchange) {
  headers_ = header_list(request.headers);
  text_[0] = '\0';
  gate_ = {};
  if (set_up_ == CURLE_OK && !headers_) set_up_ = CURLE_OUT_OF_MEMORY;
  set_request(request, limit, exchange);
  outcome_ = set_up_;
  if (set_up_ == CURLE_OK) run(request.call.stop);
}

bool CurlSession::is_ready() const {
  if (outcome_ != CURLE_OK || socket_ == CURL_SOCKET_BAD) return false;
  curl_waitfd readable{socket_, CURL_WAIT_POLLIN, 0};
  return curl_multi_poll(multi_.get(), &readable, 1, 0, nullptr) == CURLM_OK && readable.revents == 0;
}

void CurlSession::run(const std::stop_token& stop) {
  constexpr int tick_ms = 1000;
  outcome_ = CURLE_FAILED_INIT;
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return;
  {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
    int running = 1;
    while (curl_multi_perform(multi_.get(), &running) == CURLM_OK && running > 0) {
      if (curl_multi_poll(multi_.get(), nullptr, 0, tick_ms, nullptr) != CURLM_OK) break;
    }
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) outcome_ = message->data.result;
  }
  if (curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK) socket_ = CURL_SOCKET_BAD;
  curl_multi_remove_handle(multi_.get(), easy_.get());
}

// ---- The transport --------------------------------------------------------------------------------------------------

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(CurlTransportOptions options, CaBundle ca)
      : options_(std::move(options)), ca_(std::move(ca)), idle_(options_.max_idle_connections, options_.max_idle_age) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (auto checked = check_request(request); !checked) return std::move(checked).error();
    const auto origin = origin_of(request.url);
    if (!origin) return origin.error();
    if (!options_.allow_link_local && names_link_local(origin->authority)) return link_local_error(*origin);
    Exchange exchange(request, handler, {options_.max_header_bytes, options_.refusal_timeout});
    if (auto go_on = exchange.check(); !go_on) return std::move(go_on).error();

    const std::string key = origin->to_string();
    const milliseconds limit = shorter(options_.total_timeout, request.call.deadline);
    auto session = kept_session(key);
    if (session) session->perform(request, limit, exchange);
    // A kept connection may die just when it is used again. No byte came back, so the server did not refuse anything.
    const bool lost = session && session->was_cut() && !exchange.failure() && !exchange.has_any_response();
    if (!session || (lost && exchange.rewind_body(0))) {
      session = std::make_unique<CurlSession>(options_, ca_);
      session->perform(request, limit, exchange);
    }
    auto result = outcome(*session, *origin, exchange);
    if (session->is_ready()) idle_.give_back(key, std::move(session), std::chrono::steady_clock::now());
    return result;
  }

 private:
  /// A session with a connection that still stands; null where there is none.
  std::unique_ptr<CurlSession> kept_session(const std::string& key) {
    auto session = idle_.take(key, std::chrono::steady_clock::now());
    while (session && !session->is_ready()) session = idle_.take(key, std::chrono::steady_clock::now());
    return session;
  }

  Result<HttpResponse> outcome(const CurlSession& session, const Origin& origin, Exchange& exchange) const {
    const CURLcode code = session.outcome();
    if (exchange.failure() || code == CURLE_OK) return exchange.finish();
    // A server that refuses an upload early may cut the connection while we still send: its answer counts.
    if (session.was_cut() && exchange.has_whole_response() && exchange.status() >= 400) return exchange.finish();
    if (auto go_on = exchange.check(); !go_on && code == CURLE_OPERATION_TIMEDOUT) return std::move(go_on).error();
    if (session.was_turned_away()) return link_local_error(origin);
    if (session.was_flooded()) return flood_error(origin, options_.max_header_bytes);
    return error_for(code, session.text(), origin, ca_);
  }

  const CurlTransportOptions options_;
  const CaBundle ca_;
  IdlePool<CurlSession> idle_;
};

}  // namespace

Result<std::shared_ptr<HttpTransport>> make_curl_transport(CurlTransportOptions options) {
  if (options.connect_timeout <= milliseconds::zero()) {
    return Error(ErrorCode::invalid_argument, "connect_timeout must be more than 0");
  }
  if (!is_libcurl_ready()) return Error(ErrorCode::internal, "libcurl could not be initialised");
  const curl_version_info_data* libcurl = curl_version_info(CURLVERSION_NOW);
  auto ca = find_ca_bundle(options.ca_file, libcurl->cainfo == nullptr ? "" : libcurl->cainfo);
  if (!ca) return std::move(ca).error();
  return std::make_shared<CurlTransport>(std::move(options), *std::move(ca));
}

}  // namespace audiostore
