import Testing

extension EndToEnd {
  /// A store whose aggregates cannot be gone on with stops neither the gateway nor its intake.
  @Suite(.serialized) struct FoldFaultTests {
    @Test func intakeGoesOnThoughAggregatesCannotBeRead() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      let start = school.meetings[0].start
      try deployment.start()
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, start)])
      try deployment.waitForAggregate("session/m1") { $0.measures.present == 1 }
      #expect(try deployment.stop() == 0)
      // A number that does not end.
      try changeStore(deployment.store) { try $0.execute(sql: "UPDATE aggregate SET sums = x'ff'") }
      try deployment.start()
      try deployment.waitForLog("aggregation failed and is tried again")
      try deployment.checkIn(try deployment.client(), seq: 2, [(2, start)])
      try deployment.waitForMessages(2)
      #expect(try deployment.stop() == 0)
    }
  }
}
