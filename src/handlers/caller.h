// Who is calling.
#pragma once

#include <string>

namespace tintype {

struct Caller {
  std::string user_id;  // empty in mode `none`, where the request says who it acts for
  bool may_act_for_all = false;
};

}  // namespace tintype
