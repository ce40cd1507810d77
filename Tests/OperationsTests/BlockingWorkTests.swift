import Testing

@testable import Operations

@Suite struct BlockingWorkTests {
  @Test func whatHasNotBegunAtAStopIsRefused() async throws {
    let work = BlockingWork()
    let value = try await work.read { 7 }
    #expect(value == 7)
    work.stop()
    await #expect(throws: Problem.self) { try await work.read { 7 } }
  }
}
