#include "core/dates.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// An instant taken apart.
struct Fields {
  int year;
  unsigned month;
  unsigned day;
  unsigned weekday;
  std::chrono::hh_mm_ss<milliseconds> time;
};

Fields fields_of(TimePoint time) noexcept {
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
          std::chrono::weekday(day).c_encoding(), std::chrono::hh_mm_ss(floor<milliseconds>(time - day))};
}

/// Takes digits and fixed text from the front of a string; once something does not fit, nothing fits any more.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  unsigned digits(std::size_t count) {
    const auto value = parse_decimal(rest_.substr(0, count));
    if (rest_.size() < count || !value) return fail();
    rest_.remove_prefix(count);
    return static_cast<unsigned>(*value);
  }
  void literal(std::string_view expected) {
    if (rest_.starts_with(expected)) {
      rest_.remove_prefix(expected.size());
    } else {
      fail();
    }
  }
  /// The index of the name that comes next.
  template <std::size_t N>
  unsigned one_of(const std::array<std::string_view, N>& names) {
    const auto found = std::ranges::find_if(names, [&](std::string_view name) { return rest_.starts_with(name); });
    if (found == names.end()) return fail();
    rest_.remove_prefix(found->size());
    return static_cast<unsigned>(found - names.begin());
  }
  /// ".123" to milliseconds; nothing there is 0.
  unsigned fraction() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    const auto count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (count == 0) return fail();
    std::string digits(rest_.substr(0, std::min<std::size_t>(3, count)));
    digits.resize(3, '0');
    rest_.remove_prefix(count);
    return static_cast<unsigned>(*parse_decimal(digits));
  }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  unsigned fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<TimePoint> assemble(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                                  unsigned second, unsigned millisecond) {
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  // TimePoint counts nanoseconds, of which 64 bits hold 292 years: differences of what is read must fit, too.
  const bool representable = year >= 1900 && year <= 2100;
  if (!date.ok() || !representable || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + seconds(second) +
         milliseconds(millisecond);
}

void put_digits(char* at, unsigned value, int count) noexcept {
  for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

AmzDate amz_date(TimePoint time) noexcept {
  const Fields f = fields_of(time);
  AmzDate date{{'0', '0', '0', '0', '0', '0', '0', '0', 'T', '0', '0', '0', '0', '0', '0', 'Z', '\0'}};
  put_digits(date.text, static_cast<unsigned>(std::clamp(f.year, 0, 9999)), 4);
  put_digits(date.text + 4, f.month, 2);
  put_digits(date.text + 6, f.day, 2);
  put_digits(date.text + 9, static_cast<unsigned>(f.time.hours().count()), 2);
  put_digits(date.text + 11, static_cast<unsigned>(f.time.minutes().count()), 2);
  put_digits(date.text + 13, static_cast<unsigned>(f.time.seconds().count()), 2);
  return date;
}

std::optional<TimePoint> parse_amz_date(std::string_view text) {
  Reader in(text);
  const unsigned year = in.digits(4), month = in.digits(2), day = in.digits(2);
  in.literal("T");
  const unsigned hour = in.digits(2), minute = in.digits(2), second = in.digits(2);
  in.literal("Z");
  return in.done() ? assemble(year, month, day, hour, minute, second, 0) : std::nullopt;
}

std::string http_date(TimePoint time) {
  const Fields f = fields_of(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[f.weekday], f.day, months[f.month - 1],
                     f.year, f.time.hours().count(), f.time.minutes().count(), f.time.seconds().count());
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  Reader in(text);
  in.one_of(weekdays);
  in.literal(", ");
  const unsigned day = in.digits(2);
  in.literal(" ");
  const unsigned month = in.one_of(months) + 1;
  in.literal(" ");
  const unsigned year = in.digits(4);
  in.literal(" ");
  const unsigned hour = in.digits(2);
  in.literal(":");
  const unsigned minute = in.digits(2);
  in.literal(":");
  const unsigned second = in.digits(2);
  in.literal(" GMT");
  return in.done() ? assemble(year, month, day, hour, minute, second, 0) : std::nullopt;
}

std::string iso_date(TimePoint time) {
  const Fields f = fields_of(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", f.year, f.month, f.day, f.time.hours().count(),
                     f.time.minutes().count(), f.time.seconds().count(), f.time.subseconds().count());
}

std::optional<TimePoint> parse_iso_date(std::string_view text) {
  Reader in(text);
  const unsigned year = in.digits(4);
  in.literal("-");
  const unsigned month = in.digits(2);
  in.literal("-");
  const unsigned day = in.digits(2);
  in.literal("T");
  const unsigned hour = in.digits(2);
  in.literal(":");
  const unsigned minute = in.digits(2);
  in.literal(":");
  const unsigned second = in.digits(2);
  const unsigned millisecond = in.fraction();
  in.literal("Z");
  return in.done() ? assemble(year, month, day, hour, minute, second, millisecond) : std::nullopt;
}

}  // namespace audiostore
