import NIOCore
import Testing

@testable import Operations

@Suite struct EventHubTests {
  private let event = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1_000)

  @Test func everybodyGetsEveryEventInOrder() async throws {
    let hub = EventHub()
    let (_, first) = try #require(hub.join(nil))
    let (_, second) = try #require(hub.join(nil))
    for number in 0..<10 { hub.publish(ByteBuffer(string: "\(number)")) }
    for number in 0..<10 {
      #expect(await first.next().map { String(buffer: $0) } == "\(number)")
      #expect(await second.next().map { String(buffer: $0) } == "\(number)")
    }
  }

  @Test func whoWaitsIsWoken() async throws {
    let hub = EventHub()
    let (_, reader) = try #require(hub.join(nil))
    async let next = reader.next()
    hub.publish(event)
    #expect(await next == event)
  }

  @Test func whoDoesNotReadIsGivenUpAndNobodyElse() async throws {
    let hub = EventHub()
    let (_, slow) = try #require(hub.join(nil))
    let (_, good) = try #require(hub.join(nil))
    for _ in 0..<100 {
      hub.publish(event)
      #expect(await good.next() == event)
    }
    #expect(hub.count == 1 && hub.dropped == 1)
    #expect(slow.waitingBytes <= Subscriber.limitBytes)
    #expect(await slow.next() == nil)
  }

  @Test func onlySoManyMayJoin() throws {
    let hub = EventHub()
    var numbers: [Int] = []
    while let (number, _) = hub.join(nil) { numbers.append(number) }
    #expect(numbers.count == EventHub.limit && hub.isFull)
    hub.leave(numbers[0])
    #expect(hub.join(nil) != nil)
  }

  @Test func aStopEndsEveryStream() async throws {
    let hub = EventHub()
    let (_, reader) = try #require(hub.join(nil))
    hub.publish(event)
    hub.stop()
    #expect(await reader.next() == event, "what waits is still given")
    #expect(await reader.next() == nil)
    #expect(hub.join(nil) == nil)
  }

  @Test func anEventIsOneLineOfData() {
    let event = ServerEvent.encode("now", ContiguousArray(#"{"a":1}"#.utf8))
    #expect(String(buffer: event) == "event: now\ndata: {\"a\":1}\n\n")
  }
}
