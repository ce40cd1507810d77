import Foundation
import Testing

@testable import campus_gateway

/// What a broker's access list lets the gateway read.
@Suite struct AccessListTests {
  private static let subscriptions = ["campus/v1/+/+/up", "campus/v1/+/+/json", "campus/v1/+/+/state"]

  private func readings(_ text: String, user: String? = "gw") -> [AccessList.Reading] {
    let list = AccessList(text, username: user, clientID: "campus-gateway-1")
    return Self.subscriptions.map { list.reading($0) }
  }

  @Test func theShippedListLetsTheGatewayReadAll() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../config/mosquitto.acl").standardized.path
    let shipped = text(of: file)
    #expect(readings(shipped, user: "campus-gateway") == [.all, .all, .all])
    #expect(readings(shipped, user: "somebody") == [.nothing, .nothing, .nothing])
    #expect(readings(shipped, user: nil) == [.nothing, .nothing, .nothing])
  }

  @Test func whatIsMissingIsSeen() {
    let list = "user gw\ntopic read campus/v1/+/+/up\ntopic readwrite campus/doctor/#\n"
    #expect(readings(list) == [.all, .nothing, .nothing])
    #expect(readings("topic read #\nuser other\ntopic read #\n") == [.nothing, .nothing, .nothing])
    #expect(readings("user gw\ntopic write campus/#\n") == [.nothing, .nothing, .nothing])
    #expect(readings("user gw\ntopic read #\ntopic deny campus/v1/+/+/json\n") == [.all, .nothing, .all])
  }

  @Test(arguments: ["user gw\ntopic campus/#\n", "user gw\r\n  \ntopic read   #  \r\n", "pattern read campus/v1/+/+/+\n"])
  func whatIsWideIsEnough(list: String) {
    #expect(readings(list) == [.all, .all, .all])
  }

  @Test(arguments: ["user gw\ntopic read campus/v1/main/#\n", "user gw\ntopic read #\ntopic deny campus/v1/lab/#\n"])
  func aPartIsNotAll(list: String) {
    #expect(readings(list) == [.part, .part, .part])
  }

  @Test func aSharedSubscriptionIsReadAsItsTopics() {
    let list = AccessList("user gw\ntopic read campus/v1/+/+/up\n", username: "gw", clientID: "x")
    #expect(list.reading("$share/group/campus/v1/+/+/up") == .all)
  }
}
