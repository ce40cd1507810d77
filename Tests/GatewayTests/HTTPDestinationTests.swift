import Aggregation
import Diagnosis
import Testing

extension EndToEnd {
  /// What a diagnosis core may answer, and what the relay makes of it.
  @Suite(.serialized) struct HTTPDestinationTests {
    private let batch = EventBatch(body: Array("[{\"id\":1},{\"id\":2}]".utf8), count: 2)

    private func verdict(
      _ answer: CoreServer.Answer, limit: Int64 = 5_000
    ) async throws -> (verdict: Verdict, posts: [CoreServer.Post]) {
      let server = try CoreServer([answer])
      defer { server.stop() }
      return (try await deliver(to: server.url, limit: limit), server.posts)
    }

    private func deliver(to url: String, limit: Int64, key: WebhookKey? = nil) async throws -> Verdict {
      var sign: HTTPDestination.Signing?
      if let key { sign = { key.signature(id: $0, timestamp: $1, body: $2) } }
      let destination = try HTTPDestination(url: url, sign: sign, limit: limit, now: { unixMilliseconds() })
      let verdict = await destination.deliver(batch)
      await destination.close()
      return verdict
    }

    private func isUnavailable(_ verdict: Verdict) -> Bool {
      if case .unavailable = verdict { return true }
      return false
    }

    private func isRefused(_ verdict: Verdict) -> Bool {
      if case .refused = verdict { return true }
      return false
    }

    @Test(arguments: [200, 202, 204, 299]) func everySuccessAccepts(status: Int) async throws {
      let (verdict, posts) = try await verdict(.status(status))
      #expect(verdict == .accepted)
      #expect(posts.count == 1)
    }

    /// A redirect is not followed: the batch was signed for this address.
    @Test(arguments: [408, 429, 500, 502, 503, 599, 301, 307])
    func whatMayPassIsToBeTriedAgain(status: Int) async throws {
      let (verdict, posts) = try await verdict(.status(status, headers: ["location: /elsewhere"]))
      #expect(isUnavailable(verdict), "\(verdict)")
      #expect(posts.count == 1)
    }

    @Test(arguments: [400, 401, 403, 404, 409, 413, 422]) func whatWillNotPassIsRefused(status: Int) async throws {
      let (verdict, _) = try await verdict(.status(status, body: "not of this contract\nmore"))
      #expect(verdict == .refused(problem: "HTTP \(status): not of this contract"))
    }

    @Test func aPatienceAskedForIsGranted() async throws {
      let (verdict, _) = try await verdict(.status(503, headers: ["retry-after: 7"]))
      #expect(verdict == .unavailable(problem: "HTTP 503", after: 7_000))
    }

    @Test func noAnswerIsToBeTriedAgain() async throws {
      #expect(isUnavailable(try await verdict(.silence, limit: 300).verdict))
      #expect(isUnavailable(try await verdict(.hangUp).verdict))
      let nobody = try Loopback.freePort()
      #expect(isUnavailable(try await deliver(to: "http://127.0.0.1:\(nobody)/", limit: 5_000)))
    }

    @Test func aBatchIsPostedByTheContractAndSigned() async throws {
      let key = try WebhookKey(secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
      let server = try CoreServer()
      defer { server.stop() }
      #expect(try await deliver(to: server.url, limit: 5_000, key: key) == .accepted)
      let post = try #require(server.posts.first)
      #expect(post.path == "/events")
      #expect(post.headers["content-type"] == "application/cloudevents-batch+json")
      #expect(String(decoding: post.body, as: UTF8.self) == "[{\"id\":1},{\"id\":2}]")
      #expect(post.headers["webhook-id"] == batch.id)
      let headers = WebhookHeaders(
        id: batch.id, timestamp: post.headers["webhook-timestamp"] ?? "",
        signature: post.headers["webhook-signature"] ?? "")
      try key.verify(headers, body: post.body, now: unixMilliseconds(), toleranceSeconds: 60)
      #expect(throws: DiagnosisError.wrongSignature) {
        try key.verify(headers, body: post.body + [32], now: unixMilliseconds(), toleranceSeconds: 60)
      }
    }

    @Test func theSameEventsHaveTheSameId() {
      #expect(EventBatch(body: batch.body, count: 2).id == batch.id)
      #expect(EventBatch(body: Array("[{\"id\":1}]".utf8), count: 1).id != batch.id)
    }
  }
}
