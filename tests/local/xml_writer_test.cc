#include "local/xml_writer.h"

#include <catch2/catch.hpp>

using namespace audiostore::local;

TEST_CASE("XML text reads back as it was") {
  XmlWriter xml("R", "");
  xml.open("A").text("K", "<a&b>\"\xc3\xa9\r\n").close().text("E", "");
  CHECK(xml.finish() ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<R><A><K>&lt;a&amp;b&gt;&quot;\xc3\xa9&#xD;&#xA;</K></A><E></E></R>");
}

TEST_CASE("Text that is nothing but blanks is not lost on readers that drop such") {
  XmlWriter xml("R", "");
  xml.text("A", " \t").text("B", " b ");
  CHECK(xml.finish().ends_with("<R><A>&#x20;&#x9;</A><B> b </B></R>"));
}

TEST_CASE("XML closes what is open, and has a namespace") {
  XmlWriter xml("R", "urn:x");
  xml.open("A").open("B");
  CHECK(xml.finish().ends_with("<R xmlns=\"urn:x\"><A><B></B></A></R>"));
}

TEST_CASE("Bytes that are no text become U+FFFD in XML") {
  XmlWriter xml("R", "");
  xml.text(
      "a\xff"
      "b\xc3");
  CHECK(
      xml.finish().ends_with("<R>a\xef\xbf\xbd"
                             "b\xef\xbf\xbd</R>"));
}
