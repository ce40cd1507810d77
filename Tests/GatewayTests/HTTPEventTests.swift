import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Event streams, readiness, and the stop.
  @Suite(.serialized) struct HTTPEventTests {
    private func stream(_ port: UInt16, window: Int32? = nil) throws -> HTTPTalk {
      let talk = try HTTPTalk(port, window: window)
      talk.send("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
      return talk
    }

    private func wait(_ talk: HTTPTalk, for text: String, within limit: Double = 15) throws {
      try eventually(within: limit, "“\(text)” in \(talk.received.suffix(2_000))") {
        talk.receive(within: 0.1)
        return talk.received.contains(text)
      }
    }

    @Test func whatHappensIsTold() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      let talk = try stream(try deployment.httpPort())
      try wait(talk, for: "text/event-stream")
      try wait(talk, for: "event: now")
      try wait(talk, for: "\"history\":[")
      try wait(talk, for: "\"sample\":{")
      try deployment.checkIn(
        try deployment.client(), seq: 1, [(1, school.meetings[0].start), (2, school.meetings[0].start)])
      try wait(talk, for: "event: warnings\ndata: {\"changed\":[1]}", within: 30)
      #expect(talk.isOpen)
    }

    @Test func aStopDoesNotWaitForOpenStreams() throws {
      let deployment = try Deployment()
      try deployment.start()
      let port = try deployment.httpPort()
      let talks = try (0..<200).map { _ in try stream(port) }
      for talk in talks { try wait(talk, for: "event: now") }
      let begin = seconds()
      #expect(try deployment.stop(within: 5) == 0)
      #expect(seconds() - begin < 5)
      for talk in talks { #expect(try talk.waitForEnd(within: 1) < 1) }
    }

    @Test(.timeLimit(.minutes(3)))
    func aStreamThatIsNotReadIsDroppedAndTheOthersGoOn() throws {
      let deployment = try Deployment()
      try deployment.start()
      let port = try deployment.httpPort()
      let slow = try stream(port, window: 2_048)
      let good = try stream(port)
      try wait(good, for: "event: now")
      try deployment.waitForAnswer("/metrics", within: 150) {
        good.receive(within: 0.5)
        return $0.text.contains("campus_gateway_event_streams 1\n")
      }
      #expect(good.isOpen)
      try wait(good, for: "event: now")
      _ = slow
    }

    @Test func readinessFollowsTheBroker() throws {
      let deployment = try Deployment()
      try deployment.start()
      try deployment.waitForAnswer("/readyz") { $0.status == 200 }
      deployment.broker.kill()
      var begin = seconds()
      let gone = try deployment.waitForAnswer("/readyz", within: 15) { $0.status == 503 }
      #expect(seconds() - begin < 12)
      #expect(gone.text.contains("\"code\":\"broker_silent\"") && gone.text.contains("\"text_zh\":"), "\(gone.text)")
      #expect(try deployment.ask("GET", "/healthz").status == 200)
      try deployment.broker.start()
      try deployment.waitForAnswer("/readyz", within: 60) { $0.status == 200 }

      // One that is connected and says nothing.
      deployment.broker.process?.signal(SIGSTOP)
      begin = seconds()
      try deployment.waitForAnswer("/readyz", within: 20) { $0.status == 503 }
      #expect(seconds() - begin < 14)
      deployment.broker.process?.signal(SIGCONT)
      try deployment.waitForAnswer("/readyz", within: 60) { $0.status == 200 }
    }
  }
}
