import DeviceProtocol
import Testing

@Suite struct TopicTests {
  private func parse(_ text: String) -> (identity: String, channel: Channel)? {
    parse(Array(text.utf8))
  }

  private func parse(_ bytes: [UInt8]) -> (identity: String, channel: Channel)? {
    bytes.withUnsafeBytes { bytes in
      Topic(bytes).map { (String(decoding: $0.identity, as: UTF8.self), $0.channel) }
    }
  }

  @Test func aTopicGivesIdentityAndChannel() {
    for (name, channel) in [("up", Channel.up), ("json", .json), ("state", .state), ("down", .down)] {
      let topic = parse("campus/v1/main/term-0001/\(name)")
      #expect(topic?.identity == "main/term-0001" && topic?.channel == channel)
    }
    let longest = String(repeating: "Zz.9_-", count: 10) + "abcd"
    #expect(parse("campus/v1/\(longest)/\(longest)/up")?.identity == "\(longest)/\(longest)")
    #expect(parse("campus/v1/a/b/up")?.identity == "a/b")
    #expect(parse("campus/v1/-/_./up")?.identity == "-/_.")
  }

  @Test(arguments: [
    "", "campus", "campus/v1/", "campus/v1/main", "campus/v1/main/", "campus/v1/main/t", "campus/v1/main/t/",
    "campus/v1//t/up", "campus/v1/main//up", "campus/v2/main/t/up", "Campus/v1/main/t/up", "/campus/v1/main/t/up",
    "campus/v1/main/t/up/", "campus/v1/main/t/up/x", "campus/v1/main/t/UP", "campus/v1/main/t/ups",
    "campus/v1/main/t/u",
    "campus/v1/main/t/downs", "campus/v1/.main/t/up", "campus/v1/main/.t/up", "campus/v1/ma in/t/up",
    "campus/v1/main/t+/up", "campus/v1/main/#/up", "campus/v1/main/é/up", "campus/v1/main/t\u{0}/up",
    "campus/v1/" + String(repeating: "a", count: 65) + "/t/up",
    "campus/v1/main/" + String(repeating: "a", count: 65) + "/up",
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(parse(text) == nil)
  }

  @Test func everyByteOutsideTheAlphabetIsRefused() {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
    for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: "/") {
      let topic = Array("campus/v1/a".utf8) + [byte] + Array("/t/up".utf8)
      #expect((parse(topic) != nil) == allowed.contains(byte))
    }
  }
}
