import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Who may not, what is too much, and who is too slow.
  @Suite(.serialized) struct HTTPSafetyTests {
    @Test func withoutATokenOnlyThisMachineAndItsOwnNamesAreServed() throws {
      let deployment = try Deployment()
      try deployment.start()
      for host in ["localhost", "127.0.0.1:1", "[::1]:8080", "LOCALHOST"] {
        #expect(try deployment.ask("GET", "/api/v1/now", headers: ["Host: \(host)"]).status != 421, "\(host)")
      }
      for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", ""] {
        #expect(try deployment.ask("GET", "/", headers: ["Host: \(host)"]).status == 421, "\(host)")
      }
      #expect(try deployment.stop() == 0)
      deployment.environment["CAMPUS_GATEWAY_HTTP_HOST"] = "0.0.0.0"
      let refused = try deployment.command("run")
      #expect(refused.status == 3 && refused.errors.contains("http.token_file"), "\(refused.errors)")
    }

    @Test func withATokenNothingIsSaidWithoutIt() throws {
      let deployment = try Deployment()
      deployment.environment["CAMPUS_GATEWAY_HTTP_TOKEN_FILE"] = try deployment.folder.write("token", "s3cret-token-of-a-test\n")
      try deployment.start()
      for path in ["/api/v1/now", "/metrics", "/events", "/api/v1/openapi.json", "/api/v1/quarantine/1"] {
        for header in [[], ["Authorization: Bearer wrong"], ["Authorization: s3cret-token-of-a-test"], ["Authorization: Bearer "]] {
          let reply = try deployment.ask("GET", path, headers: header)
          #expect(reply.status == 401 && reply.headers["www-authenticate"] == "Bearer", "\(path) \(header)")
        }
      }
      for path in ["/", "/page/page.js", "/healthz", "/readyz"] {
        #expect(try deployment.ask("GET", path, headers: ["Host: elsewhere"]).status != 401, "\(path)")
      }
      let good = ["Authorization: Bearer s3cret-token-of-a-test"]
      #expect(try deployment.ask("GET", "/metrics", headers: good).status == 200)
      #expect(try deployment.ask("POST", "/diagnosis/v1/events", headers: ["Content-Type: application/cloudevents-batch+json"], body: "[]").status == 401)
    }

    @Test(arguments: [
      "x\n", "", "fifteen-of-them\n", "a-first-line-of-a-token\na-second-line\n", "two words of a long token\n",
    ])
    func aTokenThatProtectsNothingIsRefused(text: String) throws {
      let deployment = try Deployment(devices: 0)
      deployment.environment["CAMPUS_GATEWAY_HTTP_TOKEN_FILE"] = try deployment.folder.write("token", text)
      let refused = try deployment.command("run")
      #expect(refused.status == 3 && refused.errors.contains("http.token_file"), "\(refused.errors)")
      #expect(!refused.errors.contains("fifteen"), "the token is not told")
    }

    @Test func whatIsNotAskedRightIsRefusedWithAReason() throws {
      let deployment = try Deployment()
      try deployment.start()
      func status(_ method: String, _ path: String, _ headers: [String] = [], _ body: String? = nil) throws -> Int {
        let reply = try deployment.ask(method, path, headers: headers, body: body)
        #expect(try !reply.decoded(ProblemLine.self).problem.isEmpty, "\(method) \(path)")
        #expect(reply.headers["x-content-type-options"] == "nosniff")
        return reply.status
      }
      for path in ["/nothing", "/api/v1/../../etc/passwd", "//api/v1/now", "/page/..%2f..%2fetc%2fpasswd", "/api/v1/now/",
        "/api/v1/warnings/%2e%2e", "/api/v1/warnings/x", "/page/page.c"]
      {
        #expect(try status("GET", path) == 404, "\(path)")
      }
      #expect(try status("DELETE", "/api/v1/now") == 405)
      #expect(try status("GET", "/api/v1/warnings/1/close") == 405)
      for query in ["limi=3", "limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "kind=nothing", "from=yesterday",
        "cursor=", "device=%00", "device=%ff", "device=%zz"]
      {
        #expect(try status("GET", "/api/v1/readings?\(query)") == 400, "\(query)")
      }
      #expect(try status("GET", "/api/v1/readings?cursor=bm90aGluZw") == 404)
      let unknown = try deployment.ask("GET", "/api/v1/readings?limi=3")
      #expect(unknown.text.contains("did you mean limit?"))
      let step = "/api/v1/warnings/1/acknowledge"
      #expect(try status("POST", step, ["Content-Type: text/plain"], "{}") == 415)
      #expect(try status("POST", step, ["Origin: http://evil.example"], #"{"by":"x"}"#) == 403)
      #expect(try status("POST", step, ["Origin: null"], #"{"by":"x"}"#) == 403)
      #expect(try status("POST", step, [], #"{"by":""# + String(repeating: "x", count: 70_000) + "\"}") == 413)
      #expect(try status("GET", "/api/v1/now", ["X: " + String(repeating: "x", count: 100_000)]) == 431)
      #expect(try deployment.ask("GET", "/healthz").status == 200, "it still answers")
    }

    @Test func aRequestNamesOneHost() throws {
      let deployment = try Deployment()
      try deployment.start()
      let port = try deployment.httpPort()
      let talk = try HTTPTalk(port)
      talk.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
      #expect(try talk.reply().status == 400)
    }

    @Test func whatIsNoHTTPIsAnsweredAndClosed() throws {
      let deployment = try Deployment()
      try deployment.start()
      let port = try deployment.httpPort()
      for text in ["\u{16}\u{03}\u{01}hello there\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nnonsense\r\n\r\n"] {
        let talk = try HTTPTalk(port)
        talk.send(text)
        #expect(try talk.waitForEnd(within: 12) < 12)
      }
      #expect(try deployment.ask("GET", "/healthz").status == 200)
    }

    @Test func whoSendsTooSlowlyIsCut() throws {
      let deployment = try Deployment()
      try deployment.start()
      let port = try deployment.httpPort()
      let silent = try HTTPTalk(port)
      let head = try HTTPTalk(port)
      let body = try HTTPTalk(port)
      head.send("GET /healthz HTTP/1.1\r\nHost: loc")
      body.send(
        "POST /api/v1/warnings/1/close HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n")
      let begin = seconds()
      while seconds() < begin + 20, silent.isOpen || head.isOpen || body.isOpen {
        head.send("a")
        body.send("a")
        for talk in [silent, head, body] { talk.receive(within: 0.1) }
      }
      #expect(!silent.isOpen && !head.isOpen && !body.isOpen)
      #expect(seconds() - begin < 14)
      #expect(try deployment.ask("GET", "/healthz").status == 200)
    }

    @Test func aPortInUseIsToldWithItsKey() throws {
      let deployment = try Deployment()
      let (listener, port) = try Loopback.listener()
      defer { close(listener) }
      deployment.environment["CAMPUS_GATEWAY_HTTP_PORT"] = "\(port)"
      let run = try deployment.command("run")
      #expect(run.status == 3 && run.errors.contains("http.port"), "\(run.errors)")
    }
  }
}
