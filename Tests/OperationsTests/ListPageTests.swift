import Testing

@testable import Operations

@Suite struct ListPageTests {
  private struct Item: Members {
    var id: Int64

    func write(to members: inout some MemberWriter) {
      members.add("id", .integer(id))
      members.add("name", .text("a \"name\""))
      members.add("window", object: { $0.add("start", .integer(id)) })
      members.add("measures", writing: { $0.append(contentsOf: "{\"rate\":0.5}".utf8) })
    }
  }

  private func page(_ form: Form) -> String {
    var page = ListPage(form, columns: ["id", "window", "measures", "nothing"])
    page.add(Item(id: 1))
    page.add(Item(id: 2))
    page.beside = [(name: "date", value: .text("today"))]
    page.next = "more"
    #expect(page.count == 2)
    return String(decoding: page.whole, as: UTF8.self)
  }

  @Test func asJSONItIsOneObject() {
    #expect(
      page(.json) == """
        {"items":[{"id":1,"name":"a \\"name\\"","window":{"start":1},"measures":{"rate":0.5}},\
        {"id":2,"name":"a \\"name\\"","window":{"start":2},"measures":{"rate":0.5}}],\
        "date":"today","next":"more"}

        """)
  }

  @Test func asLinesEachItemIsOne() {
    #expect(
      page(.lines) == """
        {"id":1,"name":"a \\"name\\"","window":{"start":1},"measures":{"rate":0.5}}
        {"id":2,"name":"a \\"name\\"","window":{"start":2},"measures":{"rate":0.5}}

        """)
  }

  @Test func asATableItHasTheColumnsThatAreNamed() {
    #expect(
      page(.table) == "id,window,measures,nothing\r\n1,\"{\"\"start\"\":1}\",\"{\"\"rate\"\":0.5}\",\r\n"
        + "2,\"{\"\"start\"\":2}\",\"{\"\"rate\"\":0.5}\",\r\n")
  }

  @Test func membersCanBeJoined() {
    var members = JSONMembers()
    members.add(JSONMembers())
    #expect(String(decoding: members.json.bytes, as: UTF8.self) == "{}")
    var others = JSONMembers()
    others.add("a", .array([.null, .bool(true), .number(2), .number(0.5)]))
    members.add(others)
    members.add("b", .object([("c", .integer(-7))]))
    #expect(String(decoding: members.json.bytes, as: UTF8.self) == #"{"a":[null,true,2,0.5],"b":{"c":-7}}"#)
  }
}
